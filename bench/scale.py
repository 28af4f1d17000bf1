"""What grows how, and on which engine: one made-up catalog, in a folder, in PostgreSQL and as objects, all in one run.

    python bench/scale.py [--entities 1000] [--passages 10000] [--rounds 30] [--milvus]

Prints a table: publishing, starting a replica, questions, search, events, and what is kept where. Times are medians, wall clock, of this machine
and this run; only the ratios to the folder mean something. The texts are made up and every one is different; vectors are those of hashed words,
so that no model is timed. "publish" of the folder is the build itself; of the others, what sharing it costs on top.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from app.serving import SnapshotServing, open_serving
from assistant.search_box import SearchQuery
from catalog_store.content import CatalogContent
from catalog_store.embedder import HashEmbedder
from catalog_store.journal import Delivery
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Edge, Entity, EntityRef, Record, Value
from catalog_store.objects import ObjectStore
from catalog_store.shared import SharedStore
from catalog_store.snapshot import current_id
from catalog_store.stores import FolderStore, Store, store_at

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = SourceSpan("catalog.yaml", 1, 9)
WORDS = 20_000
"""Words of the made-up language; a few of them are used most of the time, as in any other."""

PER_PAGE = 8
QUESTIONS = (
    "who owns component 17?",
    "services owned by team 3",
    "tier 1 services not deployed in 60 days",
    "how many services does each team own?",
    "what breaks if component 1 goes down?",
)


def made_up(entities: int, passages: int) -> CatalogContent:
    """A catalog of some size: few things have most of the dependents, few words make most of the text."""
    chance = random.Random(7)
    content = CatalogContent(sources={"made-up": 1})
    teams = max(4, entities // 20)
    for number in range(teams):
        ref = EntityRef("group", "default", f"team-{number}")
        named: dict[str, Value] = {"name": ref.name, "title": f"Team {number}", "type": "team"}
        content.entities.append(Entity(ref, "Group", named, SPAN))
    for number in range(entities):
        ref = EntityRef("component", "default", f"component-{number}")
        owner = f"group:default/team-{int(teams * chance.random() ** 2)}"
        values: dict[str, Value] = {
            "name": ref.name,
            "title": f"Component {number}",
            "type": chance.choice(("service", "service", "library", "website")),
            "tier": chance.randint(1, 4),
            "owner": owner,
            "lifecycle": "production",
        }
        content.entities.append(Entity(ref, "Component", values, SPAN))
        for relation in ("ownedBy", "ownedWithin"):
            content.edges.append(Edge(str(ref), relation, owner, SPAN))
        for _ in range(3):
            other = f"component:default/component-{int(entities * chance.random() ** 3)}"
            content.edges.append(Edge(str(ref), "dependsOn", other, SPAN))
            content.edges.append(Edge(str(ref), "uses", other))
        for deploy in range(5):
            at = NOW - timedelta(days=chance.random() * 200)
            facts: dict[str, Value] = {
                "component": str(ref),
                "at": at,
                "environment": "production",
                "outcome": "success",
                "version": f"1.{deploy}",
            }
            record = Record("Deployment", f"{number}-{deploy}", facts, SPAN)
            content.records.append(record)
            content.edges.append(Edge(record.ref, "deploymentOf", str(ref), SPAN))
    _add_pages(content, chance, passages)
    return content


def _add_pages(content: CatalogContent, chance: random.Random, passages: int) -> None:
    words = [
        "".join(chance.choices("abcdefghiklmnoprstuvw", k=chance.randint(4, 9)))
        for _ in range(WORDS)
    ]
    for number in range(passages // PER_PAGE):
        path = f"docs/page-{number}.md"
        content.documents.append(Document(f"doc:{path}", path, f"Page {number}", description=""))
        for ordinal in range(PER_PAGE):
            text = " ".join(words[int(WORDS * chance.random() ** 3)] for _ in range(40))
            span = SourceSpan(path, ordinal * 5 + 1, ordinal * 5 + 4)
            heading = f"Section {ordinal}"
            content.passages.append(
                Passage(f"doc:{path}", ordinal, heading, (heading,), text, span)
            )


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away PostgreSQL."""
    script = Path(__file__).parents[1] / "scripts" / "postgres_server.py"
    with subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def timed(rounds: int, run: Callable[[int], object]) -> float:
    """Median time of some rounds, in milliseconds; the first, which makes things ready, does not count."""
    run(0)
    taken = []
    for number in range(rounds):
        begun = time.perf_counter()
        run(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def measure(store: Store, rounds: int) -> dict[str, float]:
    """Everything but publishing; milliseconds."""
    begun = time.perf_counter()
    serving = open_serving(store)
    serving.ask("who owns component 17?", now=NOW)
    found = {"start of a replica": (time.perf_counter() - begun) * 1000}
    for question in QUESTIONS:

        def ask(number: int, text: str = question) -> object:
            return serving.ask(_other(text, number), now=NOW)

        found[question] = timed(rounds, ask)
    found |= _searches(serving, rounds)
    if not isinstance(store, ObjectStore):
        found["event, until the next answer has it"] = _event(store, serving)
    serving.close()
    return found


def _other(question: str, number: int) -> str:
    """Another thing each time: a statement that was asked before is remembered."""
    return question.replace("17", str(number + 20)).replace("team 3", f"team {number % 4}")


def _searches(serving: SnapshotServing, rounds: int) -> dict[str, float]:
    texts = [
        row["text"]
        for row in serving._snapshot.catalog.fetch("SELECT text FROM passages LIMIT 400")
    ]
    snapshot = serving._snapshot
    vectors = HashEmbedder().encode(texts[:rounds])
    return {
        "search box": timed(
            rounds, lambda n: serving.search(SearchQuery(text=" ".join(texts[n].split()[:5])))
        ),
        "bare: 200 nearest vectors": timed(
            rounds, lambda n: snapshot.dense.search(vectors[n], 200)
        ),
        "bare: 300 vectors by number": timed(
            rounds, lambda n: snapshot.dense.vectors(np.arange(n, n + 300))
        ),
        "bare: one thing by its reference": timed(
            rounds, lambda n: snapshot.catalog.entity(f"component:default/component-{n}")
        ),
    }


def _event(store: Store, serving: SnapshotServing) -> float:
    taken = []
    for number in range(5):
        event = {
            "context": {
                "version": "0.4.1",
                "id": f"e{number}",
                "source": "/ci",
                "type": "dev.cdevents.service.deployed.0.1.1",
                "timestamp": f"2026-11-20T11:0{number}:00Z",
            },
            "subject": {"id": "component-9", "content": {"environment": {"id": "production"}}},
        }
        body = json.dumps(event)
        begun = time.perf_counter()
        store.journal().append(Delivery("bench", str(number), NOW, body, {}))
        serving.ask("when was component 9 last deployed?", now=NOW)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])


def main() -> None:
    """Publish everywhere, measure everywhere, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, default=1000)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--milvus", action="store_true", help="vectors in Milvus Lite as well")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, postgres() as url:
        root = Path(home)
        folder = FolderStore(root / "folder")
        content = made_up(given.entities, given.passages)
        begun = time.perf_counter()
        folder.publish(content, now=NOW, embedder=HashEmbedder())
        results = {"folder": {"publish": (time.perf_counter() - begun) * 1000}}
        places: dict[str, tuple[str, str | None]] = {
            "PostgreSQL": (url, None),
            "objects": (f"file://{root}/bucket", None),
        }
        if given.milvus:
            places["objects, Milvus Lite"] = (f"file://{root}/bucket2", str(root / "milvus.db"))
        results["folder"] |= measure(folder, given.rounds)
        built = folder.folder / "snapshots" / str(current_id(folder.folder))
        for name, (address, vectors) in places.items():
            store = store_at(address, cache=root / "cache", vectors=vectors)
            assert isinstance(store, SharedStore)
            begun = time.perf_counter()
            store.share(built)
            results[name] = {"publish": (time.perf_counter() - begun) * 1000}
            results[name] |= measure(store, given.rounds)
            results[name]["kept by a replica, MB"] = _size(store.folder / "snapshots")
            store.close()
        results["folder"]["kept by a replica, MB"] = _size(built)
    _print(results, given.entities, given.passages)


def _size(folder: Path) -> float:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


def _print(results: dict[str, dict[str, float]], entities: int, passages: int) -> None:
    rows = dict.fromkeys(row for result in results.values() for row in result)
    print(
        f"{entities:,} components, {5 * entities:,} deployments, {passages:,} passages; ms unless said\n"
    )
    print(f"| | {' | '.join(results)} |")
    print("|---" * (len(results) + 1) + "|")
    for row in rows:
        cells = [result.get(row) for result in results.values()]
        shown = ["–" if cell is None else f"{cell:,.1f}" for cell in cells]
        first = cells[0]
        for place in range(1, len(cells)):
            cell = cells[place]
            if cell is not None and first:
                shown[place] += f" ({cell / first:.2g}×)"
        print(f"| {row} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
