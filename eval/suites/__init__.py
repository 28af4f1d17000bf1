"""Suites of questions with known answers; nothing here imports the product."""
