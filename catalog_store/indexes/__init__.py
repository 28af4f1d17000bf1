"""What makes passages findable: a lexical index and a dense one, built together and read together."""
