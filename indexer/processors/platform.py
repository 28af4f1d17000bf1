"""Resources and workloads of infrastructure tools → entities beside the catalog's own, or more about those.

What the catalog holds under the same name, or names in an annotation, is only filled. Two resources of one name
are told apart by environment, region or type; the one in production keeps the bare name. A workload belongs to
the component it names; one that no component claims is a Resource of type `workload`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog_store.model import kinds as k
from catalog_store.model.document import SourceSpan
from catalog_store.model.entity import DEFAULT_NAMESPACE, EntityRef
from indexer.files import InputFile
from indexer.foreign import name_of
from indexer.joins import NAME_ANNOTATIONS
from indexer.platform.statements import Labelled, PlatformResource, Workload
from indexer.raw import RawEntity
from indexer.reporting import Report
from indexer.yaml_lines import YamlDocument

PLATFORM = "platform"
"""The section of a raw entity that holds what infrastructure tools say of it."""

_SHARED_TAGS = 12
"""Most tags kept of one resource."""


def settle_platform(
    placed: Sequence[tuple[InputFile, PlatformResource | Workload]],
    known: Sequence[RawEntity],
    report: Report,
) -> list[RawEntity]:
    """Descriptions in the shape of Backstage's, to be settled with those of other catalogs.

    Args:
        placed: what the sources read, with the files.
        known: the catalog's own entities and those of other catalogs.
        report: told what was left alone, and which workloads nobody claims.
    """
    components = _Components(known)
    resources = [(f, s) for f, s in placed if isinstance(s, PlatformResource)]
    workloads = [(f, s) for f, s in placed if isinstance(s, Workload)]
    settled = _Resources(known, components, report).settle(resources)
    return [*settled, *_settle_workloads(workloads, components, report)]


class _Components:
    """Finds components by name or by the name they go by on a platform; several of one name are none."""

    def __init__(self, known: Iterable[RawEntity]) -> None:
        self._by_name: dict[str, set[EntityRef]] = {}
        self._annotated: dict[str, set[EntityRef]] = {}
        for raw in known:
            if raw.ref.kind != "component":
                continue
            self._by_name.setdefault(raw.ref.name, set()).add(raw.ref)
            held = raw.section("metadata", "annotations")
            for key in NAME_ANNOTATIONS:
                if isinstance(held.get(key), str):
                    name = held[key].strip().lower()
                    self._annotated.setdefault(name, set()).add(raw.ref)

    def find(self, name: str) -> EntityRef | None:
        """The one component of a name."""
        plain = name.strip().lower()
        for index, text in (
            (self._annotated, plain),
            (self._by_name, plain),
            (self._by_name, name_of(plain.removeprefix("component:"))),
        ):
            if len(same := index.get(text, set())) == 1:
                return next(iter(same))
        return None


@dataclass(slots=True)
class _Chosen:
    """A resource that is kept, and the name it got."""

    file: InputFile
    statement: PlatformResource
    ref: EntityRef


class _Resources:
    """Gives every resource its entity."""

    def __init__(self, known: Iterable[RawEntity], components: _Components, report: Report) -> None:
        self._components = components
        self._report = report
        self._held: dict[str, list[RawEntity]] = {}
        self._annotated: dict[str, set[EntityRef]] = {}
        for raw in known:
            if raw.ref.kind != "resource":
                continue
            self._held.setdefault(raw.ref.name, []).append(raw)
            for value in raw.section("metadata", "annotations").values():
                if isinstance(value, str) and value.strip():
                    self._annotated.setdefault(value.strip().lower(), set()).add(raw.ref)

    def settle(self, placed: Sequence[tuple[InputFile, PlatformResource]]) -> list[RawEntity]:
        """One description for each resource, in the order they were read."""
        chosen = self._name(list(self._distinct(placed)))
        by_address = {(c.statement.stack, c.statement.address): c.ref for c in chosen}
        return [_resource(c, by_address, self._components) for c in chosen]

    def _distinct(
        self, placed: Sequence[tuple[InputFile, PlatformResource]]
    ) -> Iterable[tuple[InputFile, PlatformResource]]:
        """Without what was read twice, and without the parts of something that is there as a whole."""
        wholes = {statement.address for _, statement in placed}
        parts: dict[str, PlatformResource] = {}
        for _, statement in placed:
            if statement.behind is not None:
                parts.setdefault(statement.behind, statement)
        seen: set[str] = set()
        for file, written in placed:
            statement = _with_part(written, parts.get(written.address))
            marks = {f"{statement.stack} {statement.address}", *_certain(statement)}
            if statement.behind is not None and statement.behind in wholes:
                self._report.skip(
                    "managed resource behind a claim or composite that is read itself"
                )
            elif seen & marks:
                self._report.skip("resource that several states or exports hold")
            else:
                yield file, statement
            seen |= marks

    def _name(self, placed: Sequence[tuple[InputFile, PlatformResource]]) -> list[_Chosen]:
        named: dict[int, EntityRef] = {}
        groups: dict[str, list[int]] = {}
        for number, (_, statement) in enumerate(placed):
            own = {ref for one in statement.ids for ref in self._annotated.get(one.lower(), ())}
            if len(own) == 1:
                named[number] = next(iter(own))
            else:
                groups.setdefault(name_of(statement.name) or "unnamed", []).append(number)
        for name, numbers in groups.items():
            taken = {ref.name for ref in named.values()} | (groups.keys() - {name})
            ranked = sorted(numbers, key=lambda n: self._rank(name, placed[n][1]))
            for number in ranked:
                said, first = placed[number][1], placed[ranked[0]][1]
                apart = [said.environment, said.region, said.type]
                if said.type != first.type:
                    apart.insert(0, said.type)
                free = _free_name(name, apart, taken, self._held.keys())
                taken.add(free)
                named[number] = self._ref(free)
        return [_Chosen(f, s, named[number]) for number, (f, s) in enumerate(placed)]

    def _rank(self, name: str, statement: PlatformResource) -> tuple[bool, int]:
        """Who gets the bare name: what is of the type the catalog declares, then what is in production."""
        declared = {raw.section("spec").get("type") for raw in self._held.get(name, ())}
        environment = statement.environment
        place = 0 if environment == "production" else 1 if environment is None else 2
        return bool(declared) and statement.type not in declared, place

    def _ref(self, name: str) -> EntityRef:
        same = self._held.get(name, ())
        return same[0].ref if len(same) == 1 else EntityRef("resource", DEFAULT_NAMESPACE, name)


def _with_part(whole: PlatformResource, part: PlatformResource | None) -> PlatformResource:
    """A claim with what only the resource behind it says."""
    if part is None or whole.behind is not None:
        return whole
    return replace(
        whole,
        provider=whole.provider or part.provider,
        engine=whole.engine or part.engine,
        region=whole.region or part.region,
    )


def _certain(statement: PlatformResource) -> set[str]:
    """Ids that are unique everywhere; an address is so only within its stack."""
    return {one for one in statement.ids if one != statement.address}


def _free_name(name: str, apart: Iterable[str | None], taken: set[str], held: Iterable[str]) -> str:
    """The name, or one made longer by what tells it apart from those that have the name already."""
    if name not in taken:
        return name
    for part in apart:
        longer = f"{name}-{name_of(part)}" if part else name
        if longer not in taken and longer not in held:
            return longer
        name = longer
    return next(n for i in range(2, len(taken) + 3) if (n := f"{name}-{i}") not in taken)


def _resource(
    chosen: _Chosen, by_address: Mapping[tuple[str, str], EntityRef], components: _Components
) -> RawEntity:
    said = chosen.statement
    wanted = [by_address.get((said.stack, address)) for address in said.depends_on]
    needs = [str(ref) for ref in wanted if ref is not None and ref != chosen.ref]
    component = components.find(said.labelled.service) if said.labelled.service else None
    spec: dict[str, Any] = {"type": said.type}
    if needs:
        spec["dependsOn"] = list(dict.fromkeys(needs))
    if component is not None:
        spec["dependencyOf"] = [str(component)]
    facts = {
        "provider": said.provider,
        "managed_by": said.managed_by,
        "engine": said.engine,
        "region": said.region,
        "environment": said.environment,
        "stack": next((name for name in said.stack_names if name != "."), None),
        "stack_id": said.stack if said.stack_names else None,
        "stack_names": list(said.stack_names),
        "last_applied_at": said.applied_at.isoformat() if said.applied_at else None,
    }
    title = said.name if name_of(said.name) != said.name.lower() else None
    return _raw(chosen.ref, k.RESOURCE, spec, facts, said.labelled, title, chosen.file, said.span)


def _raw(
    ref: EntityRef,
    kind: str,
    spec: dict[str, Any],
    facts: Mapping[str, Any],
    labelled: Labelled,
    title: str | None,
    file: InputFile,
    span: SourceSpan,
) -> RawEntity:
    metadata: dict[str, Any] = {"name": ref.name}
    if ref.namespace != DEFAULT_NAMESPACE:
        metadata["namespace"] = ref.namespace
    if title:
        metadata["title"] = title
    if labelled.tags:
        metadata["tags"] = list(labelled.tags[:_SHARED_TAGS])
    if labelled.owner and kind == k.RESOURCE:
        spec = {**spec, "owner": labelled.owner}
    raw = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
        PLATFORM: {key: value for key, value in facts.items() if value not in (None, [], "")},
    }
    return RawEntity(ref, kind, raw, file, YamlDocument(raw, {}, span.first, span.last))


def _settle_workloads(
    placed: Sequence[tuple[InputFile, Workload]], components: _Components, report: Report
) -> list[RawEntity]:
    claimed: dict[EntityRef, list[tuple[InputFile, Workload]]] = {}
    found: list[RawEntity] = []
    taken: dict[str, int] = {}
    for file, workload in placed:
        owner = _claimant(workload, components)
        if owner is not None:
            claimed.setdefault(owner, []).append((file, workload))
        elif (workload.namespace or "").startswith("kube-"):
            report.skip("workload of the cluster itself")
        elif workload.sort == "ingress":
            report.skip("Kubernetes ingress that names no component")
        else:
            name = name_of(workload.name) or "unnamed"
            place = name if name not in taken else f"{name}-{name_of(workload.namespace or '')}"
            if place in taken:
                report.skip("workload of a name and namespace that was read before")
                continue
            taken[place] = 1
            found.append(_unclaimed(place, workload, file, report))
    for ref, many in claimed.items():
        file, first = many[0]
        found.append(
            _raw(
                ref,
                k.COMPONENT,
                {},
                _facts([w for _, w in many]),
                Labelled(),
                None,
                file,
                first.span,
            )
        )
    return found


def _claimant(workload: Workload, components: _Components) -> EntityRef | None:
    """The component a workload belongs to; a name that was written for the purpose must fit or nothing does."""
    for name in workload.claims[: workload.sure] or workload.claims:
        if (found := components.find(name)) is not None:
            return found
    return None


def _unclaimed(name: str, workload: Workload, file: InputFile, report: Report) -> RawEntity:
    named = workload.claims[0] if workload.sure else None
    reason = f"names {named!r}, which no component is" if named else "is claimed by no component"
    report.warning(
        "unclaimed-workload",
        f"the {workload.sort} {workload.name!r} {reason}; it is kept as a Resource of type workload, "
        "label it with backstage.io/kubernetes-id",
        workload.span,
    )
    ref = EntityRef("resource", DEFAULT_NAMESPACE, name)
    spec: dict[str, Any] = {"type": "workload"}
    return _raw(
        ref, k.RESOURCE, spec, _facts([workload]), workload.labelled, None, file, workload.span
    )


def _facts(workloads: Sequence[Workload]) -> dict[str, Any]:
    """What workloads say together; of the long-running one in production first."""
    running = [w for w in workloads if w.sort != "ingress"]
    ranked = sorted(
        running,
        key=lambda w: (w.labelled.environment not in (None, "production"), "job" in w.sort),
    )
    main = ranked[0] if ranked else None
    times = [w.applied_at for w in workloads if w.applied_at is not None]
    hosts = [host for w in workloads for host in w.hostnames]
    return {
        "provider": "kubernetes" if running else None,
        "managed_by": main.managed_by if main else None,
        "environment": main.labelled.environment if main else None,
        "k8s_namespace": main.namespace if main else None,
        "cluster": main.cluster if main else None,
        "image": main.image if main else None,
        "replicas": main.replicas if main else None,
        "workloads": [_said(w) for w in running],
        "hostnames": list(dict.fromkeys(hosts)),
        "last_applied_at": max(times).isoformat() if times else None,
    }


def _said(workload: Workload) -> str:
    where = f" in {workload.namespace}" if workload.namespace else ""
    return f"{workload.sort} {workload.name}{where}"
