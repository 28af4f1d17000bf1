"""How it is found: question → plan → rows and passages."""
