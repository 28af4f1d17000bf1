"""What a run says to people and to other programs: a table, JUnit XML, JSON, and one page of HTML."""
