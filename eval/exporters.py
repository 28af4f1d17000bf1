"""Suites for other tools: promptfoo runs them against the HTTP API, BEIR's shape is what retrieval toolkits read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from catalog_store.errors import UserError
from eval.judge import WITHIN, wanted_statuses
from eval.suite import Case, Suite

PROMPTFOO, QUERIES, QRELS, CORPUS = (
    "promptfooconfig.yaml",
    "queries.jsonl",
    "qrels/test.tsv",
    "corpus.jsonl",
)


def export_promptfoo(suite: Suite, folder: Path, *, url: str) -> Path:
    """A promptfoo configuration that asks a server and holds each answer to the same expectations.

    Follow-ups are left out: promptfoo asks every test on its own.

    Args:
        suite: what to export.
        folder: made when it is not there.
        url: of a server that trusts the caller.
    """
    cases = [case for case in suite.cases if case.after is None and not case.search]
    config = {
        "description": suite.title or suite.name,
        "prompts": ["{{question}}"],
        "providers": [
            {
                "id": url.rstrip("/") + "/v1/ask",
                "config": {
                    "method": "POST",
                    "headers": {"Content-Type": "application/json"},
                    "body": {
                        "question": "{{question}}",
                        "now": "{{now}}",
                        "as": "{{as}}",
                        "limit": 1000,
                    },
                    "transformResponse": "json",
                },
            }
        ],
        "tests": [_test(case, suite) for case in cases],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PROMPTFOO
    path.write_text(
        yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8"
    )
    return path


def _test(case: Case, suite: Suite) -> dict[str, Any]:
    moment = case.now or suite.now
    return {
        "description": case.id,
        "metadata": {"type": case.type},
        "vars": {
            "question": case.question,
            "now": moment.isoformat() if moment else None,
            "as": case.asker,
        },
        "assert": [{"type": "javascript", "value": check} for check in _checks(case.expect)],
    }


def _checks(expect: Mapping[str, Any]) -> list[str]:
    """Expectations as JavaScript over `output`, the body of the answer; a status that is no answer ends the checks."""
    statuses = wanted_statuses(expect)
    checks = [f"{json.dumps(list(statuses))}.includes(output.status)"]
    answered = "output.status !== 'answered' || "
    refs = "(output.results || []).map(r => r.ref.toLowerCase())"
    if expect.get("results"):
        wanted = sorted({str(ref).lower() for ref in expect["results"]})
        checks.append(
            f"{answered}JSON.stringify([...new Set({refs})].sort()) === {json.dumps(json.dumps(wanted, separators=(',', ':')))}"
        )
    for key, sign in (("includes", ""), ("excludes", "!")):
        checks += [
            f"{answered}{sign}{refs}.includes({json.dumps(str(ref).lower())})"
            for ref in expect.get(key) or ()
        ]
    if "value" in expect:
        value, tolerance = expect["value"], expect.get("tolerance", 0.01)
        if isinstance(value, int | float) and not isinstance(value, bool):
            checks.append(
                f"{answered}Math.abs(output.value - {value}) <= {max(abs(value) * tolerance, 1e-9)}"
            )
        else:
            checks.append(
                f"{answered}String(output.value).toLowerCase().startsWith({json.dumps(str(value).lower())})"
            )
    checks += [
        f"{answered}output.text.toLowerCase().includes({json.dumps(str(text).lower())})"
        for text in expect.get("says") or ()
    ]
    if "passage" in expect:
        paths = json.dumps([str(p).lower() for p in expect["passage"]["paths"]])
        within = expect["passage"].get("within", WITHIN)
        checks.append(
            f"{answered}(output.passages || []).slice(0, {within}).some(p => {paths}.includes(p.path.toLowerCase()))"
        )
    return checks


def export_beir(suite: Suite, folder: Path, *, pages: Mapping[str, tuple[str, str]]) -> list[Path]:
    """`queries.jsonl`, `qrels/test.tsv` and `corpus.jsonl`, for cases that expect pages.

    Args:
        suite: cases with `relevant` or `passage`.
        folder: made when it is not there.
        pages: path → title and text, of the store the suite is about.

    Raises:
        UserError: no case of the suite expects a page.
    """
    judged = [(case, grades) for case in suite.cases if (grades := _grades(case))]
    if not judged:
        raise UserError(f"suite {suite.name!r} expects no pages: there is no ranking to export")
    by_lower = {path.lower(): path for path in pages}
    (folder / QRELS).parent.mkdir(parents=True, exist_ok=True)
    queries = [
        json.dumps(
            {"_id": case.id, "text": case.question, "metadata": {"style": case.type}},
            ensure_ascii=False,
        )
        for case, _ in judged
    ]
    qrels = ["query-id\tcorpus-id\tscore"]
    for case, grades in judged:
        qrels += [
            f"{case.id}\t{by_lower.get(p.lower(), p)}\t{grade}" for p, grade in grades.items()
        ]
    corpus = [
        json.dumps({"_id": path, "title": title, "text": text}, ensure_ascii=False)
        for path, (title, text) in sorted(pages.items())
    ]
    written = []
    for name, lines in ((QUERIES, queries), (QRELS, qrels), (CORPUS, corpus)):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        written.append(folder / name)
    return written


def _grades(case: Case) -> dict[str, int]:
    if case.expect.get("relevant"):
        return dict(case.expect["relevant"])
    return {str(path): 1 for path in (case.expect.get("passage") or {}).get("paths", ())}


def pages_of_store(store: Path) -> dict[str, tuple[str, str]]:
    """Every page of a store: path → title and text.

    Raises:
        StoreNotFound: nothing was published there.
    """
    from catalog_store.model.kinds import Table  # noqa: PLC0415
    from catalog_store.snapshot import open_snapshot  # noqa: PLC0415

    with open_snapshot(store) as snapshot:
        reader = snapshot.catalog
        return {
            row["path"]: (
                row["title"],
                "\n\n".join(passage["text"] for passage in reader.passages_of(row["ref"])),
            )
            for row in reader.every(Table.DOCUMENTS)
        }
