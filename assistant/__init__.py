"""How it is said: results → answers with citations."""
