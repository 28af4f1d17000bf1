"""Pages: what a Markdown file says about itself, and which entities it belongs to."""
