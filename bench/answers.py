"""What depends on how many entities there are: answers beside their bare SQL, suggestions, building, starting, memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from app.building import build_index
from app.serving import SnapshotServing, open_serving
from bench.figures import Figure, quantiles, timed
from bench.organisation import NOW, Organisation, write_organisation
from bench.processes import clients, cold_ask, memory_kib, over_http, start_up
from catalog_store.embedder import HashEmbedder
from catalog_store.store import CatalogStore

TURNS = 6
"""How often each shape of question is asked, of other things each time: nothing is asked twice."""

CONCURRENT = (1, 4, 16)


def questions(made: Organisation, turn: int) -> list[str]:
    """Structured questions of every common shape, about other things in every turn, the most used among them."""
    many, teams = made.components, [name.removesuffix("-team") for name in made.teams]
    places = (turn, turn + 7, len(many) // 2 + turn, len(many) - 1 - turn)
    things = [many[n] for n in places]
    owners = [teams[turn % len(teams)], teams[(len(teams) // 2 + turn) % len(teams)]]
    tier, language = 1 + turn % 4, ("go", "java", "python", "rust")[turn % 4]
    found = [f"who owns {name}?" for name in things]
    found += [f"when was {name} last deployed?" for name in things[:2]]
    found += [f"what depends on {things[0]}?", f"what does {things[1]} depend on?"]
    for owner in owners:
        found += [f"tier {tier} services owned by the {owner} team"]
        found += [f"services owned by the {owner} team not deployed in {30 + turn} days"]
    found += [f"how many services of tier {tier} does each team own?"]
    found += ["how many libraries are there?", f"tier {tier} services written in {language}"]
    return found


def answered(serving: SnapshotServing, store: Path, made: Organisation, size: str) -> list[Figure]:
    """Answers in process, each followed by the bare SQL it ran, on a connection of its own."""
    file = next(iter(sorted((store / "snapshots").glob("*/catalog.duckdb"))))
    bare = duckdb.connect(":memory:", config={"threads": 2})
    bare.execute(f"ATTACH '{file}' AS published (READ_ONLY)")
    bare.execute("USE published")
    ran: list[tuple[str, Any]] = []
    fetch = CatalogStore.fetch

    def watched(self: CatalogStore, sql: str, parameters: Any = ()) -> Any:
        ran.append((sql, parameters))
        return fetch(self, sql, parameters)

    def replayed() -> None:
        for sql, parameters in ran:
            bare.execute(sql, parameters or None).fetchall()

    whole, floors = [], []
    CatalogStore.fetch = watched  # type: ignore[method-assign]
    try:
        for turn in range(TURNS + 1):
            for question in questions(made, turn):
                ran.clear()
                taken = timed(lambda q=question: serving.ask(q, now=NOW))
                floor = timed(replayed)
                if turn:  # the first turn only warms both up
                    whole.append(taken)
                    floors.append(floor)
    finally:
        CatalogStore.fetch = fetch  # type: ignore[method-assign]
        bare.close()
    (p50, p95), floor = quantiles(whole), quantiles(floors)[0]
    met = p50 <= 3 * floor and p95 <= 10
    return [Figure("structured answer, in process", size, p50, p95, floor=floor, mark="≤ 3 × bare SQL, p95 ≤ 10 ms at 10,000", met=met)]  # fmt: skip


def suggested(serving: SnapshotServing, made: Organisation, size: str) -> list[Figure]:
    """What a keystroke costs, after the first few."""
    names = (*made.components[:20], *made.teams[:5])
    typed = [name[:cut] for name in names for cut in (1, 2, 3, 5, 8)]
    for text in typed[:3]:
        serving.suggest(text, limit=8)
    p50, p95 = quantiles([timed(lambda t=text: serving.suggest(t, limit=8)) for text in typed])
    return [Figure("suggest", size, p50, p95, mark="p95 ≤ 5 ms at 100,000", met=p95 <= 5)]


def built(home: Path, entities: int) -> tuple[Organisation, Path, list[Figure]]:
    """The organisation, its store, and what building took; up to 10,000 entities once more after ten pages changed."""
    size = f"{entities:,} entities"
    made = write_organisation(home / f"files-{entities}", entities)
    store = home / f"store-{entities}"

    def build() -> object:
        return build_index([made.folder], store=store, now=NOW, embedder=HashEmbedder)

    full = timed(build)
    found = [Figure("index build, without the model, per 1,000 entities", size, full / entities * 1000, mark="the same at each size")]  # fmt: skip
    if entities <= 10_000:
        pages = sorted(made.folder.rglob("*.md"))
        for path in pages[:: max(1, len(pages) // 10)][:10]:
            text = path.read_text(encoding="utf-8")
            path.write_text(text + "\nOne more sentence.\n", encoding="utf-8")
        again = timed(build)
        found.append(Figure("build after 10 changed pages", size, again, floor=full, mark="a few percent of a full build", met=again <= 0.05 * full))  # fmt: skip
    return made, store, found


def measure(home: Path, entities: int) -> list[Figure]:
    """Everything that depends on the number of entities."""
    size = f"{entities:,} entities"
    made, store, found = built(home, entities)
    serving = open_serving(store)
    found += answered(serving, store, made, size)
    found += suggested(serving, made, size)
    serving.close()
    found += [start_up(store, size), cold_ask(store, made.components[0], size)]
    asked = [question for turn in range(TURNS) for question in questions(made, turn)]
    found += [over_http(store, asked, size), memory_kib(store, size)]
    if entities == 10_000:
        found += [clients(store, asked, size, count) for count in CONCURRENT]
    return found
