"""How good it is: suites of questions with known answers, what is measured over them, and the gates that block a change."""
