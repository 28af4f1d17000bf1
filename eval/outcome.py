"""How one case went: what was answered, whether it was right, and what the measures are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from eval.expectations import REFUSALS
from eval.judge import judge, pages_of, wanted_statuses
from eval.suite import Case

ANSWERS = ("answered", "empty")
"""Statuses that claim to be an answer: being wrong with one of them is silent."""

CITED_RESULTS = 10
"""Results of a long list that are expected to carry a citation; its table names the rest."""

KEPT_PAGES = 100
"""Pages of a ranking that are kept; deeper ones change no measure here."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case, asked.

    Attributes:
        why: why it is wrong; empty when it is right.
        silent: wrong, and said with confidence: the worst kind.
        refused: not answered, wrongly.
        read_as: the reading as one English sentence.
        shown: the answer's text, shortened, for people who compare.
        chips: conditions of the reading: field, op, value.
        pages: paths of the ranking, best first.
        cited, supported: sentences of the answer that carry a citation, and those whose citation exists.
        wall_ms: from asking to the answer, as the caller sees it; `took_ms` is the part spent on answering.
        stages_ms: what is known of where the time went, by stage.
        tokens: of language models, prompt and completion together; 0 when none was used.
    """

    id: str
    type: str
    question: str
    digest: str
    held_out: bool
    right: bool
    why: str
    status: str
    wanted: tuple[str, ...]
    silent: bool
    refused: bool
    read_as: str = ""
    shown: str = ""
    chips: tuple[Mapping[str, Any], ...] = ()
    wanted_filters: tuple[Mapping[str, Any], ...] | None = None
    wanted_links: tuple[str, ...] | None = None
    wanted_plan: bool = False
    plan_right: bool = False
    pages: tuple[str, ...] = ()
    relevant: Mapping[str, int] | None = None
    cited: int = 0
    supported: int = 0
    wall_ms: float = 0.0
    took_ms: float = 0.0
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    tokens: int = 0

    def to_json(self) -> dict[str, Any]:
        """As JSON-compatible data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Read what `to_json` wrote; keys of a newer version are passed over."""
        known = cls.__dataclass_fields__
        values = {key: value for key, value in data.items() if key in known}
        for key in ("wanted", "chips", "pages", "wanted_filters", "wanted_links"):
            if values.get(key) is not None:
                values[key] = tuple(values[key])
        return cls(**values)


def outcome_of(case: Case, answer: Mapping[str, Any], *, wall_ms: float) -> Outcome:
    """Judge an answer and keep what is measured.

    Args:
        case: what was asked and is expected.
        answer: the body of `POST /v1/ask`; a failure is `{"status": "failed", "text": reason}`.
        wall_ms: milliseconds until it came.
    """
    why = judge(answer, case.expect)
    status = str(answer.get("status"))
    interpretation = answer.get("interpretation") or {}
    cited, supported = citation_support(answer)
    pages = list(dict.fromkeys(pages_of(answer)))[:KEPT_PAGES]
    expected_plan = "plan" in case.expect
    return Outcome(
        id=case.id,
        type=case.type,
        question=case.question,
        digest=case.digest,
        held_out=case.held_out,
        right=not why,
        why=why,
        status=status,
        wanted=wanted_statuses(case.expect),
        silent=bool(why) and status in ANSWERS,
        refused=bool(why) and status in REFUSALS,
        read_as=str(interpretation.get("text") or ""),
        shown=str(answer.get("text") or "")[:400],
        chips=tuple(
            {name: chip.get(name) for name in ("field", "op", "value")}
            for chip in interpretation.get("chips") or ()
        ),
        wanted_filters=_tuple(case.expect.get("filters")),
        wanted_links=_tuple(case.expect.get("links")),
        wanted_plan=expected_plan,
        plan_right=expected_plan and not why.startswith("plan:") and status in ANSWERS,
        pages=tuple(pages),
        relevant=_lower(case.expect.get("relevant")),
        cited=cited,
        supported=supported,
        wall_ms=round(wall_ms, 3),
        took_ms=float(answer.get("took_ms") or 0.0),
        stages_ms=answer.get("stages_ms") or {},
        tokens=int((answer.get("usage") or {}).get("total_tokens") or 0),
    )


def _tuple(value: Any) -> tuple[Any, ...] | None:
    return None if value is None else tuple(value)


def _lower(grades: Any) -> dict[str, int] | None:
    return None if grades is None else {str(p).lower(): g for p, g in grades.items()}


def citation_support(answer: Mapping[str, Any]) -> tuple[int, int]:
    """How many results and passages an answer shows, and how many of them a citation stands behind.

    A result is supported when a citation names it; a passage when a citation lies in its file and its lines.

    >>> citation_support({"results": [{"ref": "a"}, {"ref": "b"}], "citations": [{"ref": "a", "path": "x"}]})
    (2, 1)
    """
    citations = answer.get("citations") or []
    named = {citation.get("ref") for citation in citations}
    results = (answer.get("results") or [])[:CITED_RESULTS]
    passages = answer.get("passages") or []
    supported = sum(result.get("ref") in named for result in results)
    supported += sum(any(_covers(c, passage) for c in citations) for passage in passages)
    return len(results) + len(passages), supported


def _covers(citation: Mapping[str, Any], passage: Mapping[str, Any]) -> bool:
    if citation.get("path") != passage.get("path"):
        return False
    cited, quoted = citation.get("lines"), passage.get("lines")
    if not cited or not quoted:
        return False
    return bool(cited[0] <= quoted[1] and quoted[0] <= cited[1])
