"""An organisation of any size, as the files a real one has: descriptors, docs, runbooks and deployments.

Skewed as real catalogs are: few teams own much, few things are used by most, most pages are short. Every text is distinct, so that nothing
is found or embedded twice. The same size and seed give the same files.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

_SUBJECTS = (
    "order payment ledger cart catalog price stock invoice refund customer address parcel label route driver warehouse supplier tax coupon "
    "loyalty review media search session consent identity token device alert metric report export import audit archive email push webhook "
    "calendar booking seat ticket fare trip station map weather risk score fraud claim policy quote lead campaign segment event stream queue"
).split()
_PARTS = "api worker gateway store sync indexer scheduler console relay cache loader proxy engine watcher planner registry bridge mirror".split()
_TYPES = ("service", "service", "service", "service", "website", "library", "data-pipeline", "job")
_LANGUAGES = ("go", "java", "python", "kotlin", "typescript", "rust", "ruby")


@dataclass(frozen=True, slots=True)
class Organisation:
    """What was written.

    Attributes:
        folder: the files.
        components, teams: names, the most used and the largest first.
        passages: about how many the pages will be cut into.
    """

    folder: Path
    components: Sequence[str]
    teams: Sequence[str]
    passages: int


def write_organisation(
    folder: Path, entities: int, *, pages: int | None = None, seed: int = 1
) -> Organisation:
    """Write an organisation of so many entities and pages (as many as components unless told)."""
    rng = random.Random(seed)
    counts = {
        "Component": 0.56,
        "API": 0.08,
        "Resource": 0.1,
        "System": 0.05,
        "Domain": 0.01,
        "Group": 0.04,
        "User": 0.16,
    }
    numbers = {kind: max(2, round(entities * share)) for kind, share in counts.items()}
    names = {kind: _names(kind, number, rng) for kind, number in numbers.items()}
    by_team: dict[str, list[str]] = {team: [] for team in names["Group"]}
    for kind, found in names.items():
        for rank, name in enumerate(found):
            team = _skewed(names["Group"], rng)
            by_team[team].append(_descriptor(kind, name, rank, team, names, rng))
    for team, descriptors in by_team.items():
        place = folder / "catalog" / team / "catalog-info.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("---\n".join(descriptors), encoding="utf-8")
    passages = _write_pages(folder, names["Component"], pages or numbers["Component"], rng)
    _write_deployments(folder, names["Component"], rng)
    return Organisation(folder, names["Component"], names["Group"], passages)


def _names(kind: str, number: int, rng: random.Random) -> list[str]:
    if kind == "User":
        return [f"{rng.choice(_SUBJECTS)[:4]}{rng.choice(_PARTS)[:3]}-{n}" for n in range(number)]
    suffix = {
        "API": "-api",
        "System": "-platform",
        "Domain": "-domain",
        "Group": "-team",
        "Resource": "-db",
    }.get(kind, "")
    found: dict[str, None] = {}
    while len(found) < number:
        words = rng.sample(
            _SUBJECTS, 1 if kind in ("Domain", "Group", "System") and len(found) < 40 else 2
        )
        part = [rng.choice(_PARTS)] if kind == "Component" else []
        name = "-".join([*words, *part])
        found[
            f"{name}{suffix}" if f"{name}{suffix}" not in found else f"{name}-{len(found)}{suffix}"
        ] = None
    return list(found)


def _skewed(items: Sequence[str], rng: random.Random) -> str:
    """One of them, the first far more often than the last (Zipf, exponent about 1)."""
    return items[min(len(items) - 1, int(len(items) ** rng.random()) - 1)]


def _descriptor(
    kind: str, name: str, rank: int, team: str, names: dict[str, list[str]], rng: random.Random
) -> str:
    words = " ".join(rng.choices(_vocabulary(), k=12))
    head = f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  title: {name.replace('-', ' ').title()}\n"
    head += f"  description: {words}\n"
    if kind == "Group":
        return f"{head}spec:\n  type: team\n  children: []\n"
    if kind == "User":
        return f"{head}spec:\n  memberOf: [{team}]\n"
    spec = [f"  owner: {team}"]
    if kind in ("Component", "API", "Resource"):
        spec += [f"  system: {_skewed(names['System'], rng)}", "  lifecycle: production"]
    if kind == "Component":
        uses = {
            f"component:{_skewed(names['Component'], rng)}" for _ in range(rng.randint(0, 5))
        } - {f"component:{name}"}
        uses |= {f"resource:{_skewed(names['Resource'], rng)}" for _ in range(rng.randint(0, 2))}
        spec += [f"  type: {rng.choice(_TYPES)}", f"  dependsOn: [{', '.join(sorted(uses))}]"]
        spec += [f"  consumesApis: [{_skewed(names['API'], rng)}]"] if rng.random() < 0.5 else []
        spec += [f"  providesApis: [{names['API'][rank]}]"] if rank < len(names["API"]) else []
        head += f"  tags: [{rng.choice(_LANGUAGES)}]\n  annotations:\n    example.org/tier: '{1 + min(3, rank * 8 // len(names['Component']))}'\n"
    if kind == "API":
        spec += ["  type: openapi", "  definition: 'openapi: 3.0.0'"]
    if kind == "Resource":
        spec += ["  type: database"]
    if kind == "System":
        spec += [f"  domain: {_skewed(names['Domain'], rng)}"]
    return f"{head}spec:\n" + "\n".join(spec) + "\n"


_WORDS: list[str] = []


def _vocabulary() -> list[str]:
    """Ordinary English words, the frequent ones often."""
    if not _WORDS:
        path = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
        rows = [row.split() for row in path.read_text(encoding="utf-8-sig").splitlines()[:20_000]]
        words = [row[0] for row in rows if len(row[0]) > 2]
        _WORDS.extend(
            word for rank, word in enumerate(words) for _ in range(max(1, 2000 // (rank + 20)))
        )
    return _WORDS


def _write_pages(folder: Path, components: Sequence[str], number: int, rng: random.Random) -> int:
    passages = 0
    words = _vocabulary()
    for n in range(number):
        name = components[n % len(components)]
        runbook = n % 5 == 0
        place = folder / ("runbooks" if runbook else "docs") / f"{n // 500:04d}" / f"{name}-{n}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        sections = 1 + int(rng.paretovariate(1.3)) % 9
        title = " ".join(rng.choices(words, k=3)).capitalize()
        text = [f"---\nservice: {name}\n---\n# {title}\n"]
        for _ in range(sections):
            text.append(f"\n## {' '.join(rng.choices(words, k=3)).capitalize()}\n")
            sentences = [
                " ".join(rng.choices(words, k=rng.randint(8, 18))).capitalize() + "."
                for _ in range(rng.randint(3, 8))
            ]
            text.append(" ".join(sentences) + "\n")
        place.write_text("\n".join(text), encoding="utf-8")
        passages += sections
    return passages


def _write_deployments(folder: Path, components: Sequence[str], rng: random.Random) -> None:
    place = folder / "feeds" / "deployments.ndjson"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w", encoding="utf-8") as stream:
        for n in range(len(components) * 4):
            name = _skewed(components, rng)
            at = NOW - timedelta(minutes=rng.randint(1, 60 * 24 * 180))
            event = {
                "context": {"version": "0.4.1", "id": f"d-{n}", "source": "/bench", "type": "dev.cdevents.service.deployed.0.1.1", "timestamp": at.isoformat()},
                "subject": {"id": name, "source": "/bench", "type": "service", "content": {
                    "environment": {"id": "production"}, "artifactId": f"pkg:oci/{name}@sha256:{n:064x}?tag=1.{n}.0"}},
            }  # fmt: skip
            stream.write(json.dumps(event) + "\n")
