"""Pass over words no rule could use; each skipped word was charged when the question was cut into mentions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from search.understand.grammar.base import Made, rule
from search.understand.semantics import Meaning, Skip


def _keep_left(left: Any, _: Skip) -> Iterator[Made]:
    yield Made(left)


def _keep_right(_: Skip, right: Any) -> Iterator[Made]:
    yield Made(right)


for _meaning in get_args(Meaning):
    if _meaning is not Skip:
        rule(_meaning, Skip)(_keep_left)
        rule(Skip, _meaning)(_keep_right)
rule(Skip, Skip)(_keep_left)
