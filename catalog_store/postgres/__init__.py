"""A store in PostgreSQL with pgvector: one catalog and one journal for many replicas that keep nothing of their own."""
