"""What everything costs, each figure beside its floor in the same run: a table, a JSON file and plots.

    python -m bench.measure [--entities 1000 10000] [--folder bench-results] [--embedder real|hash]

Organisations of the given sizes are written, indexed and asked. A floor is the same work without Callboard around it: the bare SQL of an answer
on the same file, the bare call of the search engines, the bare model on the same batches, `python -c "import …"`. Figures in milliseconds are
of this machine and this run; only the ratios travel. `--embedder hash` builds without the model: what needs no meaning is measured the
same, and large sizes take minutes rather than hours.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.building import build_index, local_embedder
from app.serving import open_serving
from app.settings import load_settings
from bench.organisation import NOW, Organisation, write_organisation
from bench.processes import cold_ask, embedding, memory_kib, over_http, start_up
from catalog_store.embedder import Embedder, HashEmbedder

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        what: what was measured.
        entities: size of the organisation; 0 where it does not matter.
        p50, p95: of what was measured, in `unit`.
        floor: of the same work without us, in `unit`; 0 when there is none.
        mark: what it should be.
        met: whether it is; None where there is no mark.
    """

    what: str
    entities: int
    p50: float
    p95: float
    unit: str = "ms"
    floor: float = 0.0
    mark: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float:
        """How many times its floor; 0 without one."""
        return self.p50 / self.floor if self.floor else 0.0


def quantiles(values: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds something takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def questions(made: Organisation) -> list[str]:
    """Structured questions of every common shape, about things of all sizes."""
    things = [
        made.components[n] for n in (0, 3, len(made.components) // 2, len(made.components) - 1)
    ]
    teams = [made.teams[n].removesuffix("-team") for n in (0, len(made.teams) // 2)]
    found = [f"who owns {name}?" for name in things]
    found += [f"when was {name} last deployed?" for name in things[:2]]
    found += [
        f"what depends on {things[0]}?",
        f"what does {things[1]} depend on?",
        f"is {things[2]} healthy?",
    ]
    found += [f"tier 1 services owned by the {team} team" for team in teams]
    found += [
        f"services owned by the {team} team that have not been deployed in 60 days"
        for team in teams
    ]
    found += [
        "how many services does each team own?",
        "how many libraries are there?",
        "tier 1 services written in go",
    ]
    return found


def structured(store: Path, made: Organisation, entities: int) -> list[Figure]:
    """Answers in process, each followed by the bare SQL it ran, on a connection of its own."""
    import duckdb  # noqa: PLC0415

    from catalog_store.store import CatalogStore  # noqa: PLC0415

    serving = open_serving(store)
    file = next(iter(sorted((store / "snapshots").glob("*/catalog.duckdb"))))
    bare = duckdb.connect(":memory:", config={"threads": 2})
    bare.execute(f"ATTACH '{file}' AS published (READ_ONLY)")
    bare.execute("USE published")
    ran: list[tuple[str, Any]] = []
    fetch = CatalogStore.fetch

    def watched(self: CatalogStore, sql: str, parameters: Any = ()) -> Any:
        ran.append((sql, parameters))
        return fetch(self, sql, parameters)

    whole: list[float] = []
    floors: list[float] = []
    try:
        for question in questions(made):
            CatalogStore.fetch = watched  # type: ignore[method-assign]
            ran.clear()
            serving.ask(question, now=NOW)
            statements = list(ran)
            CatalogStore.fetch = fetch  # type: ignore[method-assign]
            ours, theirs = [], []
            for _ in range(ROUNDS):  # in turns, so that both meet the same moments of the machine
                ours.append(timed(lambda q=question: serving.ask(q, now=NOW)))
                theirs.append(
                    timed(
                        lambda s=statements: [
                            bare.execute(sql, p or None).fetchall() for sql, p in s
                        ]
                    )
                )
            whole += ours
            floors.append(quantiles(theirs)[0])
    finally:
        CatalogStore.fetch = fetch  # type: ignore[method-assign]
        bare.close()
    p50, p95 = quantiles(whole)
    floor = quantiles(floors)[0]
    met = p50 <= 3 * floor and (p95 <= 10 or entities < 10_000)
    typed = [
        name[:cut] for name in (*made.components[:20], *made.teams[:5]) for cut in (1, 2, 3, 5, 8)
    ]
    for text in typed[:3]:
        serving.suggest(text, limit=8)
    s50, s95 = quantiles([timed(lambda t=text: serving.suggest(t, limit=8)) for text in typed])
    serving.close()
    return [
        Figure("structured answer, in process", entities, p50, p95, floor=floor, mark="≤ 3 × bare SQL; p95 ≤ 10 ms at 10k", met=met),
        Figure("suggest", entities, s50, s95, mark="p95 ≤ 5 ms at 100k", met=s95 <= 5),
    ]  # fmt: skip


def pages(store: Path, entities: int) -> list[Figure]:
    """The search box, beside one bare call of each engine below it."""
    from assistant.search_box import SearchQuery  # noqa: PLC0415
    from catalog_store.analyzer import query_terms  # noqa: PLC0415
    from catalog_store.snapshot import open_snapshot  # noqa: PLC0415

    serving = open_serving(store)
    snapshot = open_snapshot(store)
    rows = snapshot.catalog.fetch(
        "SELECT text FROM passages USING SAMPLE reservoir(40 ROWS) REPEATABLE (1)"
    )
    texts = [" ".join(str(row["text"]).split()[3:7]) for row in rows]
    serving.search(SearchQuery(text=texts[0]))
    vectors = snapshot.embedder.encode(texts)
    ours, theirs = [], []
    for text, vector in zip(texts, vectors, strict=True):
        ours.append(timed(lambda t=text: serving.search(SearchQuery(text=t))))
        terms = query_terms(text)
        theirs.append(
            timed(lambda v=vector: snapshot.dense.search(v, top_k=50))
            + timed(lambda t=terms: snapshot.lexical.search(t, top_k=50))
        )
    p50, p95 = quantiles(ours)
    floor = quantiles(theirs)[0]
    count = snapshot.passage_count
    snapshot.close()
    serving.close()
    return [
        Figure(
            f"search, {count:,} passages",
            entities,
            p50,
            p95,
            floor=floor,
            mark="p95 ≤ 25 ms at 100k passages",
            met=p95 <= 25,
        )
    ]


def one_size(entities: int, home: Path, embedder: Embedder, cache: Path) -> list[Figure]:
    """Everything that depends on the size."""
    made = write_organisation(home / f"files-{entities}", entities)
    store = home / f"store-{entities}"
    found = []
    full = timed(
        lambda: build_index([made.folder], store=store, now=NOW, embedder=lambda: embedder)
    )
    found.append(
        Figure(
            "index build, per 1,000 entities", entities, full / entities * 1000, 0, mark="linear"
        )
    )
    changed = sorted(made.folder.rglob("*.md"))[
        :: max(1, len(list(made.folder.rglob("*.md"))) // 10)
    ]
    for path in changed[:10]:
        path.write_text(
            path.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8"
        )
    again = timed(
        lambda: build_index([made.folder], store=store, now=NOW, embedder=lambda: embedder)
    )
    found.append(Figure("build after 10 changed pages", entities, again, 0, floor=full, mark="a few percent of a full build", met=again <= 0.05 * full))  # fmt: skip
    found += structured(store, made, entities)
    found += pages(store, entities)
    found += [Figure(**row) for row in start_up(store, entities)]
    found += [Figure(**row) for row in cold_ask(store, made.components[0], entities)]
    found += [Figure(**row) for row in over_http(store, questions(made)[:8], entities)]
    found += [Figure(**row) for row in memory_kib(store, entities)]
    if entities <= 1000:
        found += [Figure(**row) for row in embedding(made, cache)]
    return found


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    rows = [
        "| what | entities | p50 | p95 | floor | × floor | mark | met |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for f in figures:
        size = f"{f.entities:,}" if f.entities else ""
        p95 = f"{f.p95:,.1f}" if f.p95 else ""
        floor = f"{f.floor:,.1f}" if f.floor else ""
        ratio = f"{f.ratio:.2f}" if f.floor else ""
        met = "" if f.met is None else "yes" if f.met else "no"
        rows.append(
            f"| {f.what} | {size} | {f.p50:,.1f} {f.unit} | {p95} | {floor} | {ratio} | {f.mark} | {met} |"
        )
    return "\n".join(rows)


def plot(figures: list[Figure], target: Path) -> None:
    """Time over size, one line a measurement; nothing without matplotlib."""
    try:
        import matplotlib as mpl  # noqa: PLC0415
    except ImportError:
        return
    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    _, axes = plt.subplots(figsize=(7, 4.5))
    for what in dict.fromkeys(
        f.what.split(",")[0] for f in figures if f.entities and f.unit == "ms"
    ):
        points = sorted(
            (f.entities, f.p50) for f in figures if f.what.split(",")[0] == what and f.entities
        )
        if len(points) > 1:
            axes.plot(*zip(*points, strict=True), marker="o", label=what)
    axes.set(xscale="log", yscale="log", xlabel="entities", ylabel="ms, median")
    axes.legend(fontsize=7)
    plt.tight_layout()
    plt.savefig(target, dpi=120)


def machine() -> str:
    """What it ran on."""
    import os  # noqa: PLC0415

    info = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    )
    name = next(
        (
            line.split(":", 1)[1].strip()
            for line in info.splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, Python {platform.python_version()}"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--folder", type=Path, default=Path("bench-results"))
    parser.add_argument("--embedder", choices=["real", "hash"], default="real")
    given = parser.parse_args()
    cache = load_settings({}, env={}).cache_dir
    embedder: Embedder = HashEmbedder() if given.embedder == "hash" else local_embedder(cache)
    embedder.encode(["warm up"])
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="callboard-bench-") as home:
        for entities in given.entities:
            found = one_size(entities, Path(home), embedder, cache)
            print(table(found), flush=True)
            figures += found
    answers = [f for f in figures if f.what.startswith("structured")]
    for small, large in itertools.pairwise(answers):
        growth = large.p50 / small.p50
        figures.append(
            Figure(
                f"growth of an answer, {small.entities:,} to {large.entities:,}",
                0,
                growth,
                0,
                unit="×",
                mark="≤ 2 × per tenfold",
                met=growth <= 2,
            )
        )
    given.folder.mkdir(parents=True, exist_ok=True)
    text = f"{machine()}; {datetime.now().astimezone():%Y-%m-%d}\n\n{table(figures)}\n"
    (given.folder / "table.md").write_text(text, encoding="utf-8")
    (given.folder / "figures.json").write_text(
        json.dumps([asdict(f) for f in figures], indent=1), encoding="utf-8"
    )
    plot(figures, given.folder / "growth.png")
    print(text)


if __name__ == "__main__":
    main()
