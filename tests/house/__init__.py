"""Rules of the house as tests: a rule broken twice in review comes here."""
