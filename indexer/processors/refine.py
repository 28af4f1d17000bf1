"""What the settings say about fields, laid over what was declared and discovered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog_store.model.document import SourceSpan
from catalog_store.model.fields import Field, FieldTable
from catalog_store.model.kinds import Table
from catalog_store.model.refinements import FieldRefinement, Refinements
from indexer.reporting import Report


def refinements_by_name(refinements: Refinements) -> Mapping[str, FieldRefinement]:
    """What is said about each field, by the name it is said under."""
    return {said.name: said for said in refinements.fields}


def refined(rows: list[Field], refinements: Refinements, report: Report) -> list[Field]:
    """The discovered rows, and those declared ones of which something is said.

    A name that nothing has is reported: it is a misspelling, or its table was not given to this build.
    """
    out = list(rows)
    for said in refinements.fields:
        at = next((i for i, row in enumerate(out) if _is(row, said)), None)
        if at is not None:
            out[at] = _laid_over(out[at], said)
            continue
        declared = FieldTable().get(Table.ENTITIES, said.name)
        if declared is not None:
            out.append(replace(_laid_over(declared, said), refined=True))
            continue
        report.warning(
            "unknown-field",
            f"`fields:` in callboard.yaml speaks of {said.name!r}, which no input holds; mend its name, or index its table",
            SourceSpan("callboard.yaml", 1, 1),
        )
    return out


def _is(row: Field, said: FieldRefinement) -> bool:
    own = {path.removeprefix("facts.") for path in row.paths}
    own |= {path.rpartition("/")[2] for path in row.paths}
    return said.name == row.name or said.name in own


def _laid_over(row: Field, said: FieldRefinement) -> Field:
    label = (said.label,) if said.label else ()
    words = tuple(dict.fromkeys(word.lower() for word in (*label, *said.words)))
    front, back = (words, row.words) if said.label else (row.words[:1], (*words, *row.words[1:]))
    changes: dict[str, Any] = {
        "words": tuple(dict.fromkeys((*front, *back))),
        "value_words": {**row.value_words, **said.values},
        "polarity": said.polarity or row.polarity,
        "doc": said.doc or row.doc,
        "unit": said.unit or row.unit,
    }
    if said.kinds and row.discovered:
        changes["kinds"] = said.kinds
    return replace(row, **changes)
