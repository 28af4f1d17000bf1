"""What is known: the words, tables and indexes every other part reads. Imports nobody in the house."""
