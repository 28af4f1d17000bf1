"""How it becomes known: files of an organisation → the content of one snapshot."""
