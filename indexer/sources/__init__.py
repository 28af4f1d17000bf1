"""One module per source format; adding a file here is the whole extension. See `base.py`."""
