"""HTTP: the API and the web page over it."""
