"""The model of the catalog: pure types, no files, no network, no clock."""
