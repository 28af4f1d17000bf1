"""Tables about entities in the containers they come in: CSV, JSON and Parquet, each row with where it stands."""
