"""Questions about operational facts, answered independently from an organisation's raw files."""
