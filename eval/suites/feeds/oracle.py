"""Compute the answers of a suite from an organisation's raw files.

    python -m eval.suites.feeds.oracle ORGANISATION            # compare with cases.yaml
    python -m eval.suites.feeds.oracle ORGANISATION --write    # write cases.yaml anew

`questions.yaml` says in a few words what each question wants (a table, conditions, what to
give); nothing here looks at the question itself, and nothing here imports the product.
"""

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from eval.suites.feeds import feeds
from eval.suites.feeds.catalog import Catalog, Record, full_ref, read_catalog
from eval.suites.feeds.windows import between

HERE = Path(__file__).parent
SEED = 20261120
"""Decides which third of the conversations is held out; changing it spoils the comparison."""
DEFAULT_WINDOW = "30 days"
SHORT_NAMES = {
    "owner": "group",
    "under": "group",
    "system": "system",
    "domain": "domain",
    "component": "component",
    "person": "user",
    "groups": "group",
}
"""Attributes whose values may be written without kind and namespace in `where`."""
PASSED_ON = ("status", "tolerance", "rows_include", "excludes", "any_says")


NOTHING_OR = {"status": ["answered", "empty"]}
"""A count of nothing, or a no, may be answered or called empty; both tell the truth."""


class BadHint(ValueError):
    """The hint of a question cannot be answered as written."""


@dataclass(frozen=True)
class Organisation:
    """Every table the hints may name, as of one moment."""

    now: datetime
    catalog: Catalog
    tables: Mapping[str, list[Record]]

    def entity(self, ref: str) -> Record:
        """One entity by its full ref."""
        return self.catalog.entities[ref]


def read_organisation(folder: Path, now: datetime) -> Organisation:
    """Read all files of `folder` and derive every attribute as of `now`."""
    catalog = read_catalog(folder)
    alerts = feeds.read_alerts(folder, catalog)
    events: dict[str, list[Record]] = {
        "incidents": feeds.read_incidents(folder, catalog),
        "deployments": feeds.read_deployments(folder, catalog),
        "slos": feeds.read_slos(folder, catalog),
        "findings": feeds.read_findings(folder, catalog),
        "alerts": alerts,
        "runbooks": feeds.read_runbooks(folder, catalog, alerts),
    }
    facts, scorecards = feeds.read_facts(folder), feeds.read_scorecards(folder)
    oncalls = feeds.read_oncalls(folder, catalog, now)
    events["oncalls"] = oncalls
    for entity in catalog.entities.values():
        entity.update(facts.get(entity["ref"], {}))
        entity["depends_on"] = tuple(catalog.depends.get(entity["ref"], ()))
        entity["dependents"] = tuple(catalog.dependents.get(entity["ref"], ()))
        entity["breaks_with"] = tuple(catalog.downstream(entity["ref"]))
        entity["dependents_n"] = len(entity["dependents"])
        entity["consumed_by"] = tuple(catalog.consumers.get(entity["ref"], ()))
        entity["provided_by"] = tuple(catalog.providers.get(entity["ref"], ()))
    for component in catalog.components():
        component.update(scorecards.get((component["repository"] or "").rsplit("/", 1)[-1], {}))
    _describe_operations(catalog, events)
    _describe_deployments(catalog, events["deployments"])
    _describe_rotas(catalog, oncalls)
    return Organisation(now, catalog, {**_entity_tables(catalog), **events})


def _entity_tables(catalog: Catalog) -> dict[str, list[Record]]:
    everything = [entity for _, entity in sorted(catalog.entities.items())]
    tables: dict[str, list[Record]] = {"entities": everything}
    for entity in everything:
        tables.setdefault(entity["kind"] + "s", []).append(entity)
    tables["services"] = [c for c in tables.get("components", []) if c["type"] == "service"]
    return tables


def _describe_operations(catalog: Catalog, events: Mapping[str, list[Record]]) -> None:
    def of(table: str, **flags: object) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = defaultdict(list)
        for record in events[table]:
            if all(record[name] == value for name, value in flags.items()):
                for ref in record["component"]:
                    found[ref].append(record)
        return found

    counted = {
        "incidents": of("incidents"),
        "open_incidents": of("incidents", open=True),
        "firing": of("alerts", firing=True),
        "silenced": of("alerts", silenced=True),
        "alert_rules": of("alerts"),
        "slos": of("slos"),
        "breached": of("slos", breached=True),
        "findings": of("findings", suppressed=False),
        "suppressed": of("findings", suppressed=True),
        "runbooks": of("runbooks"),
        **{
            severity: of("findings", suppressed=False, severity=severity)
            for severity in ("critical", "high", "medium", "low")
        },
    }
    for component in catalog.components():
        for name, found in counted.items():
            component[name] = len(found[component["ref"]])
        component["serious"] = component["critical"] + component["high"]
        begun = [incident["at"] for incident in counted["incidents"][component["ref"]]]
        component["last_incident"] = max(begun, default=None)
        component["healthy"] = not (
            component["open_incidents"] or component["firing"] or component["breached"]
        )


def _describe_deployments(catalog: Catalog, deployments: Iterable[Record]) -> None:
    """The last successful production deployment; one rolled back later still counts."""
    for component in catalog.components():
        component.update(last_deployed=None, last_person=None, last_version=None)
    for deployment in deployments:
        known = catalog.entities.get(deployment["subject"])
        if known and deployment["environment"] == "production" and not deployment["failed"]:
            known.update(
                last_deployed=deployment["at"],
                last_person=deployment["person"],
                last_version=deployment["version"],
                last_rolled_back=deployment["rolled_back"],
            )


def _describe_rotas(catalog: Catalog, oncalls: list[Record]) -> None:
    """Who is on duty now, for groups by team id, for components by their own policy first."""

    def duty(entity: Record, entries: list[Record]) -> None:
        current = sorted((e for e in entries if e["current"]), key=lambda e: e["level"])
        entity["on_call"] = tuple(dict.fromkeys(e["ref"] for e in current))
        for level in (1, 2, 3):
            entity[f"level_{level}"] = tuple(e["ref"] for e in current if e["level"] == level)

    for entity in catalog.entities.values():
        if entity["kind"] == "group":
            duty(entity, [e for e in oncalls if entity["team_id"] in e["team_ids"]])
    for entity in catalog.entities.values():
        if entity["kind"] == "group":
            continue
        own = [e for e in oncalls if entity["service_id"] in e["service_ids"]]
        team_id = catalog.entities.get(entity["owner"] or "", {}).get("team_id")
        duty(entity, own or [e for e in oncalls if team_id and team_id in e["team_ids"]])


def select(organisation: Organisation, hint: Record) -> list[Record]:
    """The records of the hint's table that meet all its conditions.

    Raises:
        BadHint: an attribute that no record of the table has; a typing mistake in a hint must
            not pass as a condition that nothing meets.
    """
    records = organisation.tables[hint["from"]]
    where = dict(hint.get("where") or {})
    window = where.pop("window", None)
    if window:
        start, end = between(window, organisation.now)
        records = [r for r in records if r["at"] and start <= r["at"] < end]
    moment = feeds.instant(where.pop("covers", None))
    if moment:
        records = [r for r in records if feeds.covers(r, moment)]
    for name, wanted in where.items():
        if not any(name in record for record in organisation.tables[hint["from"]]):
            raise BadHint(f"no attribute {name!r} in {hint['from']!r}")
        records = [r for r in records if _meets(r.get(name), _complete(name, wanted))]
    return records


def _complete(name: str, wanted: Any) -> Any:
    if isinstance(wanted, str) and name in SHORT_NAMES:
        return full_ref(wanted, SHORT_NAMES[name])
    if isinstance(wanted, list):
        return [_complete(name, one) for one in wanted]
    if isinstance(wanted, dict):
        return {operator: _complete(name, one) for operator, one in wanted.items()}
    return wanted


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda held, bound: held < bound,
    "le": lambda held, bound: held <= bound,
    "gt": lambda held, bound: held > bound,
    "ge": lambda held, bound: held >= bound,
}


def _meets(held: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_meets(held, one) for one in wanted)
    if isinstance(wanted, dict):
        return all(_compares(held, operator, bound) for operator, bound in wanted.items())
    if isinstance(held, (tuple, set)):
        return wanted in held
    return bool(held == wanted) and isinstance(held, bool) == isinstance(wanted, bool)


def _compares(held: Any, operator: str, bound: Any) -> bool:
    nothing = held is None or (isinstance(held, (tuple, set)) and not held)
    if operator == "missing":
        return nothing is bound
    if operator == "not":
        return not _meets(held, bound)
    if isinstance(held, datetime):
        bound = datetime.fromisoformat(str(bound)).replace(tzinfo=UTC)
    elif isinstance(held, date):
        bound = date.fromisoformat(str(bound))
    if operator == "before_or_never":
        return bool(nothing or held < bound)
    return not nothing and COMPARISONS[operator](held, bound)


def measure(organisation: Organisation, hint: Record, records: list[Record]) -> float | None:
    """One number over records: count, sum, mean, failure rate (percent), per week, hours."""
    give = hint.get("measure", "count")
    if give == "count":
        return len(records)
    if give in {"sum", "mean", "max", "min"}:
        values = [r[hint["attr"]] for r in records if r.get(hint["attr"]) is not None]
        if give in {"max", "min"}:
            return float({"max": max, "min": min}[give](values))
        return sum(values) / (len(values) if give == "mean" else 1) if values else None
    production = [r for r in records if r.get("environment") == "production"]
    if give == "failure_rate":
        bad = [r for r in production if r["failed"] or r["rolled_back"]]
        return 100 * len(bad) / len(production) if production else None
    if give == "per_week":
        start, end = between(hint["where"].get("window", DEFAULT_WINDOW), organisation.now)
        weeks = (end - start) / timedelta(days=7)
        return len([r for r in production if not r["failed"]]) / weeks
    if give == "weekly":
        start, end = between(hint["where"]["window"], organisation.now)
        return len(records) / ((min(end, organisation.now) - start) / timedelta(days=7))
    if give == "share":
        parts = hint["part"].items()
        meeting = [r for r in records if all(_meets(r.get(name), want) for name, want in parts)]
        return 100 * len(meeting) / len(records) if records else None
    if give == "time_to_restore":
        hours = [r["hours"] for r in records if r["hours"] is not None]
        return sum(hours) / len(hours) if hours else None
    raise BadHint(f"unknown measure {give!r}")


def grouped(organisation: Organisation, hint: Record) -> dict[str, float]:
    """The measure of each value of the attribute `by`; records without a value are left out.

    Owners are teams: a person, or an owner that the catalog does not know, is no row.
    """
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in select(organisation, hint):
        keys = record.get(hint["by"])
        for key in keys if isinstance(keys, tuple) else (keys,):
            is_team = organisation.catalog.entities.get(key, {}).get("kind") == "group"
            if key is not None and (is_team or hint["by"] != "owner"):
                groups[str(key)].append(record)
    rows = {key: measure(organisation, hint, records) for key, records in groups.items()}
    wanted = hint.get("only")
    if wanted:
        rows = {k: rows.get(k, 0) for k in (_complete(hint["by"], one) for one in wanted)}
    return {key: round(value, 4) for key, value in sorted(rows.items()) if value is not None}


def answer(organisation: Organisation, hint: Record) -> Record:
    """What a right answer must hold, in the keys of the suite format.

    Raises:
        BadHint: the hint names something unknown, or asks for one best of several equals.
    """
    if "absent" in hint:
        _confirm_absent(organisation, hint["absent"])
    expect = _passed(hint)
    if "from" not in hint:
        if "status" not in expect:
            raise BadHint("neither a table nor a status")
        return expect
    expect.update(GIVES[hint.get("give", "results")](organisation, hint))
    return expect


def _passed(hint: Record) -> Record:
    return {key: hint[key] for key in PASSED_ON if key in hint}


def _confirm_absent(organisation: Organisation, name: str) -> None:
    for entity in organisation.catalog.entities.values():
        if name.lower() in (entity["name"].lower(), entity["title"].lower()):
            raise BadHint(f"{name!r} is in the catalog")


def _results(organisation: Organisation, hint: Record) -> Record:
    refs: list[str] = []
    for record in select(organisation, hint):
        held = record[hint.get("attr", "ref")]
        refs += held if isinstance(held, (tuple, list)) else [held] if held else []
    return {"results": list(dict.fromkeys(refs))}


def _includes(organisation: Organisation, hint: Record) -> Record:
    """The results must hold these; for meanings that leave open whether more may stand there."""
    return {"includes": _results(organisation, hint)["results"]}


def _value(organisation: Organisation, hint: Record) -> Record:
    """A measure over the records or, with `attr` alone, the attribute of the only one."""
    records = select(organisation, hint)
    if "measure" not in hint and "attr" in hint:
        if len(records) != 1:
            raise BadHint(f"{len(records)} records, wanted one")
        return {"value": _plain(records[0][hint["attr"]])}
    value = measure(organisation, hint, records)
    if value is None:
        return {"status": ["empty", "no_such_fact"]}
    return {**(NOTHING_OR if value == 0 else {}), "value": round(value, 4)}


def _exists(organisation: Organisation, hint: Record) -> Record:
    found = bool(select(organisation, hint))
    return {"value": found} if found else {**NOTHING_OR, **_passed(hint), "value": found}


def _absent(organisation: Organisation, hint: Record) -> Record:
    return {"value": not select(organisation, hint)}


def _rows(organisation: Organisation, hint: Record) -> Record:
    return {"rows": grouped(organisation, hint)}


def _first(organisation: Organisation, hint: Record) -> Record:
    """The best key of a group-by, or the best record by `attr`; `least` turns it round."""
    if "by" in hint:
        ranked = [(value, key) for key, value in grouped(organisation, hint).items()]
    else:
        records = select(organisation, hint)
        ranked = [(r[hint["attr"]], r["ref"]) for r in records if r.get(hint["attr"]) is not None]
    ranked.sort(key=lambda pair: pair[0], reverse=not hint.get("least"))
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise BadHint(f"a tie: {ranked[:3]}")
    return {"first": ranked[0][1]}


def _top(organisation: Organisation, hint: Record) -> Record:
    """The best `top` records by `attr`, in order."""
    records = [r for r in select(organisation, hint) if r.get(hint["attr"]) is not None]
    records.sort(key=lambda r: r[hint["attr"]], reverse=not hint.get("least"))
    cut = hint["top"]
    values = [r[hint["attr"]] for r in records[: cut + 1]]
    if len(set(values)) != len(values):
        raise BadHint(f"a tie within the best: {values}")
    return {"results": [r["ref"] for r in records[:cut]], "ordered": True}


def _says(organisation: Organisation, hint: Record) -> Record:
    """The text must name the attribute of the only record; of a person, name or login."""
    records = select(organisation, hint)
    if len(records) != 1:
        raise BadHint(f"{len(records)} records, wanted one")
    held = records[0][hint["attr"]]
    known = organisation.catalog.entities.get(held)
    return {"any_says": [known["title"], known["name"]] if known else [str(_plain(held))]}


GIVES: dict[str, Callable[[Organisation, Record], Record]] = {
    "results": _results,
    "includes": _includes,
    "value": _value,
    "exists": _exists,
    "none": _absent,
    "rows": _rows,
    "first": _first,
    "top": _top,
    "says": _says,
}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, float):
        return round(value, 6)
    return value.isoformat() if isinstance(value, date) else value


def hold_out(questions: list[Record]) -> set[str]:
    """Ids of about a third of the questions; a conversation is held out as a whole."""
    root = {q["id"]: q["id"] for q in questions}
    for question in questions:
        if question.get("after"):
            root[question["id"]] = root[question["after"]]
    roots = sorted(set(root.values()))
    chosen: set[str] = set()
    random.Random(SEED).shuffle(roots)  # noqa: S311 - a fair split, not a secret
    for one in roots:
        if len(chosen) * 3 >= len(questions):
            break
        chosen |= {identifier for identifier, first in root.items() if first == one}
    return chosen


def suite(folder: Path, questions_file: Path) -> Record:
    """The whole suite, every `expect` computed from the files in `folder`.

    Raises:
        BadHint: names every question whose hint cannot be answered.
    """
    source = yaml.safe_load(questions_file.read_text(encoding="utf-8"))
    now = datetime.fromisoformat(str(source["now"])).astimezone(UTC)
    organisation = read_organisation(folder, now)
    held_out = hold_out(source["questions"])
    cases, faults = [], []
    for question in source["questions"]:
        try:
            expect = answer(organisation, question["want"])
        except (BadHint, KeyError, TypeError) as fault:
            faults.append(f"{question['id']}: {fault!r}")
            continue
        case = {k: question[k] for k in ("id", "type", "question", "as", "after") if k in question}
        if question["id"] in held_out:
            case["held_out"] = True
        cases.append({**case, "expect": expect})
    if faults:
        raise BadHint("\n".join(faults))
    return {"org": source["org"], "now": source["now"], "questions": cases}


def main() -> int:
    """Write the suite, or say whether the written one still agrees with the files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("organisation", type=Path, help="folder that holds catalog/ and feeds/")
    parser.add_argument("--questions", type=Path, default=HERE / "questions.yaml")
    parser.add_argument("--cases", type=Path, default=HERE / "cases.yaml")
    parser.add_argument("--write", action="store_true", help="write --cases instead of comparing")
    options = parser.parse_args()
    computed = suite(options.organisation, options.questions)
    if options.write:
        text = yaml.safe_dump(computed, sort_keys=False, allow_unicode=True, width=120)
        options.cases.write_text(f"# Written by oracle.py; change questions.yaml.\n{text}", "utf-8")
        return 0
    written = yaml.safe_load(options.cases.read_text(encoding="utf-8"))
    pairs = zip(computed["questions"], written["questions"], strict=False)
    differing = [new["id"] for new, old in pairs if new != old]
    differing += ["length"] * (len(computed["questions"]) != len(written["questions"]))
    sys.stdout.write(f"{len(computed['questions'])} computed, differing: {differing or 'none'}\n")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
