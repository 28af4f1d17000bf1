"""Compares what someone sees behind visibility rules with a catalog from which the hidden things were removed beforehand.

The second catalog is made from the files: lines of hidden entities and events are blanked, files of hidden pages deleted, so what
is left keeps its lines. Which things those are is worked out here, from the whole content and the rules alone.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from app.callers import ANYONE
from app.observe import Measures
from app.serving import Serving, open_serving
from assistant.portal.cursors import Cursor
from assistant.portal.search import PortalQuery
from assistant.search_box import SearchQuery
from catalog_store.content import CatalogContent
from catalog_store.embedder import Embedder
from catalog_store.errors import CatalogError
from catalog_store.model.document import SourceSpan
from catalog_store.model.visibility import Described, VisibilityRule
from catalog_store.publish import publish
from indexer.build import read_catalog
from indexer.pickled import loads
from mcp_server.arguments import read_arguments
from mcp_server.call import Call
from mcp_server.tools import TOOL_BY_NAME

ORGS = Path(__file__).parent / "orgs"
QUESTIONS = Path(__file__).parent / "questions"

_ABOUT = {"deploymentOf", "incidentOn", "alertOn", "findingIn", "sloOf", "changeOf", "covers"}
_TEMPLATES = (
    "who owns {}?",
    "what depends on {}?",
    "what does {} depend on, transitively?",
    "what breaks if {} goes down?",
    "when was {} last deployed?",
    "is {} healthy?",
    "where is the runbook for {}?",
    "who is on call for {}?",
    "open incidents on {}",
    "services owned by {}",
    "how many deployments did {} have in the last 30 days",
    "tell me about {}",
    "what do {} and {} have in common",
    "how is {} connected to {}?",
    "how do I restart {}?",
)
_WHOLE = (
    "services by owner",
    "how many components are there",
    "number of services per lifecycle",
    "which services were not deployed in the last 30 days",
    "catalog health",
    "dangling references",
    "circular dependencies",
    "things without an owner",
    "unhealthy services",
    "deployments last week by team",
    "change failure rate by team",
    "which services have the most dependents",
    "list all teams",
    "undocumented components",
    "firing alerts",
    "open incidents by priority",
    "who deployed most in the last 90 days",
)


@dataclass(frozen=True)
class Org:
    """One organisation of the tests, read whole."""

    name: str
    files: Path
    now: datetime
    content: CatalogContent


def read_org(name: str) -> Org:
    """An organisation and the clock of its questions."""
    questions = yaml.safe_load(next(iter(QUESTIONS.glob(f"{name}-*.yaml"))).read_text("utf-8"))
    now = datetime.fromisoformat(questions["now"])
    return Org(name, ORGS / name, now, read_catalog([ORGS / name], now=now))


def random_rules(org: Org, chance: random.Random) -> tuple[VisibilityRule, ...]:
    """One to three rules that let nobody in, over what some things of the organisation are like."""
    rules: list[VisibilityRule] = []
    things = list(_described(org.content))
    while len(rules) < chance.randint(1, 3):
        one = chance.choice(things)
        choices: list[dict[str, Any]] = [{"kinds": (one.kind,)}, {"path": one.path}]
        choices += [{"labels": {key: (value,)}} for key, value in one.labels.items()]
        choices += [{"annotations": {key: (value,)}} for key, value in one.annotations.items()]
        choices += [{"tags": (tag,)} for tag in one.tags]
        if "/" in one.path:
            choices.append({"path": one.path.rpartition("/")[0] + "/**"})
        about = chance.choice(choices)
        if (
            one.kind in ("User",)
            or sum(VisibilityRule(**about).about(t) for t in things) > len(things) / 2
        ):
            continue
        rules.append(VisibilityRule(**about))
    return tuple(rules)


def hidden_things(content: CatalogContent, rules: Sequence[VisibilityRule]) -> set[str]:
    """What the rules hide, and what is about nothing else: events first, then pages."""
    hidden = {t.ref for t in _described(content) if any(rule.about(t) for rule in rules)}
    about: dict[str, list[str]] = {}
    for edge in content.edges:
        if edge.relation in _ABOUT or edge.relation in ("documents", "runbookFor"):
            about.setdefault(edge.source, []).append(edge.target)
        if edge.relation == "shiftOf" and edge.target in hidden:
            hidden.add(edge.source)
    for things in (content.records, content.documents):
        hidden |= {t.ref for t in things if t.ref in about and set(about[t.ref]) <= hidden}
    return hidden


def _described(content: CatalogContent) -> Iterator[Described]:
    for entity in content.entities:
        metadata: Mapping[str, Any] = entity.raw.get("metadata") or {}  # type: ignore[assignment]
        yield Described(
            str(entity.ref),
            entity.kind,
            entity.span.path,
            annotations={k: str(v) for k, v in (metadata.get("annotations") or {}).items()},
            labels={k: str(v) for k, v in (metadata.get("labels") or {}).items()},
            tags=tuple(metadata.get("tags") or ()),
        )
    for record in content.records:
        yield Described(record.ref, record.kind, record.span.path)
    for page in content.documents:
        kind = "Runbook" if page.doc_kind == "runbook" else "Doc"
        yield Described(page.ref, kind, page.path, tags=page.tags)


def remove(org: Org, hidden: set[str], target: Path) -> Path:
    """A copy of the organisation's files without hidden things."""
    shutil.copytree(org.files, target)
    gone: dict[str, list[SourceSpan]] = {}
    for entity in org.content.entities:
        if str(entity.ref) in hidden:
            gone.setdefault(entity.span.path, []).append(entity.span)
    spans = _statement_spans(org.content)
    for record in org.content.records:
        if record.ref in hidden:
            for span in {record.span, *spans.get(record.id, ())}:
                gone.setdefault(span.path, []).append(span)
    for page in org.content.documents:
        if page.ref in hidden:
            (target / page.path).unlink()
    for path, lines in gone.items():
        _blank(target / path, lines)
    for feed in target.rglob("*.json"):
        measured = [r.id for r in org.content.records if r.kind == "SLO" and r.ref in hidden]
        _blank(feed, list(_measurements(feed, measured)))
    return target


def _measurements(path: Path, slos: Sequence[str]) -> Iterator[SourceSpan]:
    """Items of a Prometheus answer that measure some SLOs, by the line that names one: two braces further out."""
    lines = path.read_text("utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.strip().rstrip(",") in {f'"slo": "{slo}"' for slo in slos}:
            outer = " " * (len(line) - len(line.lstrip()) - 2)
            first = next(i for i in range(number, -1, -1) if lines[i] == outer + "{")
            last = next(i for i in range(number, len(lines)) if lines[i].rstrip(",") == outer + "}")
            yield SourceSpan(str(path), first + 1, last + 1)


def _statement_spans(content: CatalogContent) -> dict[str, set[SourceSpan]]:
    """Everything that was said about a record, by its id; a component is no record."""
    found: dict[str, set[SourceSpan]] = {}
    for said in content.statements:
        if said.collector != "Deployments":
            spans = (getattr(one, "span", None) for one in loads(said.data))
            found.setdefault(said.group, set()).update(span for span in spans if span is not None)
    return found


def _blank(path: Path, spans: Sequence[SourceSpan]) -> None:
    """Empty some lines; of a JSON list the commas between what is left stay right."""
    lines = path.read_text("utf-8").split("\n")
    for span in sorted(set(spans), key=lambda one: one.first, reverse=True):
        last = lines[span.last - 1]
        lines[span.first - 1 : span.last] = [""] * (span.last - span.first + 1)
        if path.suffix == ".json" and not last.rstrip().endswith(","):
            before = next(i for i in range(span.first - 2, -1, -1) if lines[i].strip())
            lines[before] = lines[before].rstrip().removesuffix(",")
    path.write_text("\n".join(lines), "utf-8")


def questions(org: Org, chance: random.Random, count: int) -> list[str]:
    """Some of the suites' own, some about things by name, hidden or not, and some over everything."""
    suite = [
        str(q["ask"])
        for path in sorted(QUESTIONS.glob(f"{org.name}-*.yaml"))
        for q in yaml.safe_load(path.read_text("utf-8"))["questions"]
    ]
    names = [e.ref.name for e in org.content.entities]
    names += [str(e.values["title"]) for e in org.content.entities if "title" in e.values]
    made = [
        template.format(*(chance.choice(names) for _ in range(template.count("{}"))))
        for template in chance.choices(_TEMPLATES, k=count // 3)
    ]
    return [
        *chance.sample(suite, count // 3),
        *made,
        *chance.sample(_WHOLE, min(len(_WHOLE), count // 3)),
    ]


def bodies(serving: Serving, org: Org, asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What every route says, by what was asked of it."""
    refs = [str(e.ref) for e in org.content.entities]
    for question in asked:
        yield f"ask {question}", _body(lambda q=question: serving.ask(q, now=org.now, limit=50))
        yield f"search {question}", _body(lambda q=question: serving.search(SearchQuery(text=q)))
        yield (
            f"suggest {question}",
            _body(lambda q=question: serving.suggest(q[: len(q) // 2], limit=8)),
        )
    for kind in ("Component", "doc", "runbook", None):
        listed = SearchQuery(text="", kind=kind, limit=100)
        yield f"search all {kind}", _body(lambda q=listed: serving.search(q))
    for ref in refs:
        yield f"entity {ref}", _body(lambda r=ref: serving.entity(r))
    for page in org.content.documents:
        yield f"page {page.ref}", _body(lambda r=page.ref: serving.document(r))
    for ref in refs[:: max(len(refs) // 8, 1)]:
        yield (
            f"suggest {ref}",
            _body(lambda r=ref: serving.suggest(r.rpartition("/")[2][:4], limit=8)),
        )
        yield f"graph {ref}", _body(lambda r=ref: serving.graph([r], hops=2, relations=()))
        yield f"quality {ref}", _body(lambda r=ref: serving.quality([r], now=org.now))
    yield from _portal_bodies(serving, refs, asked)
    yield from _choice_bodies(serving, org, asked[::3])
    yield from _agent_bodies(serving, org, refs[::4], asked[::3])
    yield "suggest", _body(lambda: serving.suggest("", limit=8))
    yield "quality", _body(lambda: serving.quality((), now=org.now))
    yield "feeds", _body(lambda: serving.feeds(now=org.now))


def _choice_bodies(serving: Serving, org: Org, asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What each condition of a reading could be changed to, with the counts beside it."""
    for question in asked:
        read = serving.ask(question, now=org.now, limit=1).interpretation
        for at in (chip.at for chip in read.chips if chip.at and read.plan):
            yield (
                f"choices {question} {at}",
                _body(lambda p=read.plan, a=at: serving.choices(p, a, text="", now=org.now)),
            )


def _agent_bodies(
    serving: Serving, org: Org, refs: Sequence[str], asked: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What agents get by the tools."""
    call = Call(serving, None, org.now, Measures())
    wanted = [
        *(("ask", {"question": text}) for text in asked),
        *(("search", {"query": text}) for text in asked),
        *(("get_entity", {"ref": ref}) for ref in refs),
        *(("get_entity", {"ref": ref.rpartition("/")[2]}) for ref in refs),
        *(("find_runbook", {"service": ref}) for ref in refs),
    ]
    for name, given in wanted:
        tool = TOOL_BY_NAME[name]
        yield (
            f"agent {name} {given}",
            _body(lambda t=tool, g=given: t.run(call, read_arguments(t.arguments, g))),
        )


def _portal_bodies(
    serving: Serving, refs: Sequence[str], asked: Sequence[str]
) -> Iterator[tuple[str, str]]:
    catalog = serving.portal()
    everything = catalog.matching(None)
    names = (
        "kind",
        "spec.type",
        "metadata.tags",
        "metadata.name",
        "relations.ownedBy",
        "relations.dependsOn",
    )
    relations = {"relations": {"$contains": {"type": "dependsOn"}}}
    order = (("spec.owner", "desc"), ("metadata.name", "asc"))
    yield "portal entities", repr(catalog.entities(everything))
    yield "portal facets", repr(catalog.facets(names, everything))
    yield "portal refs", repr(catalog.by_refs(refs, everything))
    yield "portal locations", repr(catalog.locations())
    yield "portal predicate", repr(catalog.query(Cursor(query=relations, order=order), limit=50))
    yield (
        "portal text",
        repr(catalog.query(Cursor(term="a", term_fields=("metadata.name",)), limit=7)),
    )
    for ref in refs:
        yield f"portal ancestry {ref}", repr(catalog.ancestry(ref))
        owned = [f"relations.ownedby={ref}", f"spec.system={ref.rpartition('/')[2]}"]
        yield f"portal filter {ref}", repr(catalog.entities(catalog.filtered(owned)))
    for text in asked[::4]:
        yield f"portal search {text}", repr(serving.portal_search(PortalQuery(text, limit=20)))


def _body(read: Any) -> str:
    """The body as it is sent, without what is different each time."""
    try:
        found = read()
    except CatalogError as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(found, list):
        return repr(found)
    text: str = found.model_dump_json(
        exclude={"took_ms", "conversation", "cursor", "next_cursor"}, indent=1
    )
    return text


def differences(
    org: Org,
    rules: Sequence[VisibilityRule],
    asked: Sequence[str],
    home: Path,
    embedder: Embedder,
    whole: Path,
) -> list[tuple[str, str, str]]:
    """Everything that is answered otherwise behind the rules than over the catalog without the hidden things."""
    hidden = hidden_things(org.content, rules)
    files = remove(org, hidden, home / org.name)
    # a build after another keeps the vectors of texts that are the same; fresh ones differ in the last digits from batch to batch
    shutil.copytree(whole, home / "store")
    publish(home / "store", read_catalog([files], now=org.now), now=org.now, embedder=embedder)
    behind, without = open_serving(whole, rules=rules), open_serving(home / "store")
    try:
        seen = behind.seen_by(ANYONE)
        pairs = zip(bodies(seen, org, asked), bodies(without, org, asked), strict=True)
        return [(what, one, other) for (what, one), (_, other) in pairs if one != other]
    finally:
        behind.close()
        without.close()
