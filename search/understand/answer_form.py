"""How the answer is to look: "as a table", "just the numbers", "y/n", "for my slide". It asks for nothing of the catalog."""

from __future__ import annotations

# fmt: off
_SHAPES = (
    "table", "list", "csv", "spreadsheet", "sheet", "bullet list", "numbered list", "short list", "simple list", "plain list", "one-liner", "number", "percentage",
    "chart", "graph", "summary", "sentence", "single number", "markdown table", "bulleted list",
)
_FIGURES = ("number", "numbers", "figure", "figures", "counts", "names", "facts", "result", "results", "answer")
_FIGURES_ALONE = ("numbers", "figures", "totals")
_PAPERS = ("slide", "slides", "deck", "report", "presentation", "spreadsheet", "dashboard", "newsletter", "wiki page", "talk", "notes", "memo", "status report")

ANSWER_FORM: tuple[str, ...] = (
    *(f"{as_} {a}{shape}" for as_ in ("as", "in") for a in ("a ", "one ", "") for shape in _SHAPES if a or shape == "csv"),
    *(f"{only} {the}{figures}" for only in ("just", "only", "simply") for the in ("the ", "") for figures in _FIGURES),
    *(f"{give} {the}{figures}" for give in ("give me", "show me", "send me", "tell me", "i need", "i want", "what are") for the in ("the ", "me the ")
      for figures in _FIGURES_ALONE),
    *(f"{figures} {only}" for figures in _FIGURES for only in ("only", "please", "pls", "will do", "suffice", "are enough", "is enough")),
    *(f"{some} {figures}" for some in ("a few", "some", "two", "three", "the") for figures in _FIGURES_ALONE),
    *(f"{one} number" for one in ("one", "a single", "a")),
    *(f"for {my} {paper}{about}" for my in ("my", "our", "the", "a") for paper in _PAPERS for about in ("", " about", " on")),
    "bullet points", "in bullet points", "as bullet points", "as bullets", "in bullets", "in numbers", "in figures", "in words", "in a few words", "in a nutshell",
    "in one word", "in one sentence", "in short", "in brief", "briefly", "short answer", "short answer please", "tl dr", "tldr", "tl;dr",
    "y n", "yes or no", "yes no", "yes/no", "simple yes or no", "a yes or no", "just yes or no",
)
"""Ways of saying it, as the words of a question stand."""
# fmt: on
