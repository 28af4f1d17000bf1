"""How well pages are found and refused, measured on question sets with judged pages; `python -m eval.retrieval`."""
