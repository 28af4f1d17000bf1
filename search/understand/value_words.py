"""Values that nothing bears, but that plainly are values of a field: "haskell services" where nothing is written in Haskell.

Such a question is understood, and matches nothing; that is another answer than not knowing the word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from catalog_store.model.fields import Field, FieldType
from catalog_store.model.kinds import Table
from search.plan import Compare, Op
from search.understand import words
from search.understand.compounds import compound_at
from search.understand.english import LANGUAGES
from search.understand.lexicon import Lexicon
from search.understand.semantics import Condition, kinds_of
from search.understand.spans import Mention, Word, item_of, mention_of
from search.understand.value_lexicon import LABELS

# fmt: off
_OTHER_WORDS = frozenset("ada bash dart delphi elm go julia prolog r scheme swift".split())
"""Of these, those that are ordinary words or names as well: languages only after "written in"."""

ALSO: Mapping[str, str] = {
    "c++": "cpp", "c#": "csharp", "f#": "fsharp", "golang": "go", "js": "javascript", "ts": "typescript", "py": "python", "k8s": "kubernetes",
}
"""Other spellings of a value."""

LIFECYCLES: frozenset[str] = frozenset(("experimental", "deprecated"))
"""Usual values of a lifecycle; "production" is an environment too."""
# fmt: on

_WRITTEN = frozenset(("written", "coded", "implemented", "programmed"))
_LABELLED = frozenset(("tagged", "labelled", "labeled"))
_LABEL = frozenset(("tag", "label"))

SURE = 0.9
"""Worth of such a value: that of any value."""

SHOWN = 8
"""Values that are held, told instead."""


def unborne(read: Sequence[Word], lexicon: Lexicon) -> Iterator[Mention]:
    """Mentions of values that no thing has: of languages, lifecycles and tags."""
    for i, word in enumerate(read):
        text = word.token.text
        if text in words.STANDALONE or word.token.joined:
            continue
        row, end = _field_at(read, i, lexicon)
        value = "-".join(w.token.text for w in read[i:end])
        held = lexicon.values.get(row.name, ()) if row is not None else ()
        if row is None or value in {x.lower() for x in held}:
            continue
        value = next((x for x in held if x.lower() == ALSO.get(value)), value)
        op = Op.HAS if row.type is FieldType.LIST else Op.EQ
        condition = Condition(Compare(field=row.name, op=op, value=value), kinds_of(row))
        some = ", ".join(sorted(held)[:SHOWN])
        notes = (f"no {row.label} is “{value}”; held are {some}",) if value not in held else ()
        yield mention_of(i, end, [item_of(condition, i, end, SURE, notes)], read)


def _field_at(read: Sequence[Word], i: int, lexicon: Lexicon) -> tuple[Field | None, int]:
    """The field that the words from a position are a value of, and where they end; None when they are of none."""
    text = read[i].token.text
    before = [w.token.text for w in read[max(0, i - 3) : i]]
    last = before[-1] if before else ""
    labelled = last in _LABELLED or (last in ("with", "as") and before[-2:-1] == ["tagged"])
    if labelled or (last in _LABEL and "with" in before):
        return lexicon.fields.get(Table.ENTITIES, LABELS), compound_at(read, i)[1]
    if last == "in" and before[-2:-1] and before[-2] in _WRITTEN:
        return language_field(lexicon), compound_at(read, i)[1]
    if text in LANGUAGES - _OTHER_WORDS:
        return language_field(lexicon), i + 1
    if text in LIFECYCLES:
        return lexicon.fields.get(Table.ENTITIES, "lifecycle"), i + 1
    return None, i + 1


def language_field(lexicon: Lexicon) -> Field | None:
    """The field that says what things are written in: languages, or tags where those hold some; None where nothing does."""
    if lexicon.values.get("language"):
        return lexicon.fields.get(Table.ENTITIES, "language")
    tagged = LANGUAGES & {value.lower() for value in lexicon.values.get(LABELS, ())}
    return lexicon.fields.get(Table.ENTITIES, LABELS) if tagged else None
