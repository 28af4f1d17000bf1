"""Who asks: the user, their groups, and the groups above those."""

from __future__ import annotations

from catalog_store.reader import CatalogReader
from search.understand.identity import Asker


def asker_of(ref: str | None, catalog: CatalogReader) -> Asker | None:
    """The asker by reference; None when nobody knows who asks."""
    if ref is None:
        return None
    rows = catalog.fetch(
        "WITH RECURSIVE g(ref) AS (SELECT target FROM edges WHERE relation = 'memberOf' AND source = ? "
        "UNION SELECT e.target FROM edges e JOIN g ON e.source = g.ref WHERE e.relation = 'childOf') SELECT ref FROM g",
        [ref],
    )
    own = {e["target"] for e in catalog.edges(ref) if e["relation"] == "memberOf"}
    groups = tuple(sorted(row["ref"] for row in rows))
    return Asker(ref, groups, tuple(g for g in groups if g in own))
