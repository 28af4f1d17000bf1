"""Markdown as teams write it: front matter, the dialects of site generators, and blocks with their lines."""
