"""Questions about findings and policies, asked of three services: each a way of asking, not one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from assistant.answer import Answer
from assistant.assistant import Assistant
from catalog_store.embedder import Embedder
from catalog_store.publish import publish
from catalog_store.snapshot import open_snapshot
from indexer.build import read_catalog
from tests.conftest import NOW
from tests.indexer.support import component, write

GROUP = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: {}\nspec:\n  type: team\n  children: []\n"
SLUG = "annotations:\n  github.com/project-slug: museum/{}"

REPORT = """\
apiVersion: wgpolicyk8s.io/v1alpha2
kind: PolicyReport
metadata: {name: a, namespace: gate}
scope: {kind: Deployment, name: kiosk, namespace: gate}
results:
  - {policy: drop-all-capabilities, rule: drop-all, severity: high, result: fail, source: kyverno}
  - {policy: team-label, rule: team-label, severity: low, result: warn, source: kyverno}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sProbes
metadata: {name: probes-wanted}
status:
  auditTimestamp: "2026-11-18T00:00:00Z"
  violations:
    - {kind: Deployment, name: turnstile, namespace: gate, message: no probe, enforcementAction: deny}
"""

SARIF = {
    "version": "2.1.0",
    "$schema": "sarif",
    "runs": [
        {
            "tool": {"driver": {"name": "Zarquon Scan"}},
            "results": [
                {
                    "ruleId": "zip-slip",
                    "message": {"text": "a"},
                    "properties": {"security-severity": "9.8", "tags": ["CWE-22"]},
                },
                {
                    "ruleId": "weak.rng",
                    "message": {"text": "b"},
                    "suppressions": [{"kind": "inSource"}],
                },
                {"ruleId": "weak.rng", "message": {"text": "c"}, "baselineState": "absent"},
            ],
        }
    ],
}

CARD = {
    "date": "2026-11-01",
    "repo": {"name": "github.com/museum/kiosk"},
    "scorecard": {"version": "v5"},
    "score": 3.1,
    "checks": [
        {"name": "Branch-Protection", "score": 4},
        {"name": "Dangerous-Workflow", "score": 0},
    ],
}


@pytest.fixture(scope="module")
def museum(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    home = tmp_path_factory.mktemp("museum")
    names = {"kiosk": "gate", "turnstile": "gate", "lockers": "cellar"}
    catalog = [component(n, f"owner: {team}", SLUG.format(n)) for n, team in names.items()]
    catalog += [GROUP.format(team) for team in ("gate", "cellar")]
    files = {
        "catalog-info.yaml": "---\n".join(catalog),
        "polr.yaml": REPORT,
        "lockers.sarif": json.dumps(SARIF),
        "card.json": json.dumps(CARD),
    }
    content = read_catalog([write(home / "files", files)], now=NOW)
    publish(home / "store", content, now=NOW, embedder=embedder)
    with open_snapshot(home / "store") as snapshot:
        yield Assistant(snapshot)


@dataclass(frozen=True)
class Case:
    """`results` are names without kind and namespace; findings are called after their rules."""

    ask: str
    results: list[str] | None = None
    value: object = None
    rows: dict[str, int] = field(default_factory=dict)


CASES = [
    Case("which services break the drop-all-capabilities policy", ["kiosk"]),
    Case("services failing drop all capabilities", ["kiosk"]),
    Case("who violates team-label", ["kiosk"]),
    Case("services compliant with probes-wanted", ["kiosk", "lockers"]),
    Case("services not complying with probes-wanted", ["turnstile"]),
    Case("services that do not violate probes-wanted", ["kiosk", "lockers"]),
    Case("teams that break probes-wanted", ["gate"]),
    Case("non-compliant services", ["kiosk", "turnstile"]),
    Case("services with zip slip", ["lockers"]),
    Case("services without zip-slip", ["kiosk", "turnstile"]),
    Case("K8sProbes violations", ["K8sProbes"]),
    Case("which policies does kiosk violate", rows={"drop-all-capabilities": 1, "team-label": 1}),
    Case("policies broken by turnstile", rows={"probes-wanted": 1}),
    Case("policy violations of the gate team by severity", rows={"high": 2, "low": 1}),
    Case("open findings by scanner", rows={"kyverno": 2, "gatekeeper": 1, "Zarquon Scan": 1}),
    Case("findings of lockers grouped by severity without suppressed ones", rows={"critical": 1}),
    Case("how many critical findings are open", value=1),
    Case("how many findings does lockers have", value=1),
    Case("findings of lockers including suppressed", ["zip-slip", "weak.rng", "weak.rng"]),
    Case("waived findings of lockers", ["weak.rng"]),
    Case("fixed findings", ["weak.rng"]),
    Case("kyverno violations", ["drop-all", "team-label"]),
    Case("zarquon findings", ["zip-slip"]),
    Case("cwe-22 findings", ["zip-slip"]),
    Case("violations since 17 November", ["K8sProbes"]),
    Case("services having at least one open critical finding", ["lockers"]),
    Case("services without critical findings", ["kiosk", "turnstile"]),
    Case("services that broke team-label", ["kiosk"]),
    Case("findings per severity for the gate team", rows={"high": 2, "low": 1}),
    Case(
        "most common findings", rows={"zip-slip": 1, "drop-all": 1, "team-label": 1, "K8sProbes": 1}
    ),
    Case("average scorecard of the gate team", value=3.1),
    Case("worst scorecard", ["kiosk"]),
    Case("lowest branch protection score", ["kiosk"]),
    Case("is turnstile compliant with probes-wanted", value=False),
    Case("does lockers comply with team-label", value=True),
    Case("vulnerable services", ["kiosk", "lockers", "turnstile"]),
    Case("most vulnerable service", ["kiosk"]),
    Case("least secure service", ["kiosk"]),
    Case("what does kiosk get for Branch-Protection", ["kiosk"], value=4),
    Case("how does kiosk score on branch protection", ["kiosk"], value=4),
    Case("scorecard result for kiosk", ["kiosk"], value=3.1),
    Case("scorecard of the gate team", ["kiosk", "turnstile"]),
    Case("services failing dangerous workflow", ["kiosk"]),
    Case("components whose repository scores below 4 on the OpenSSF scorecard", ["kiosk"]),
]


def _named(answer: Answer) -> list[str]:
    return sorted(r.title if r.kind == "Finding" else r.ref.split("/")[1] for r in answer.results)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.ask)
def test_answer(museum: Assistant, case: Case) -> None:
    answer = museum.ask(case.ask, now=NOW)
    assert answer.status.value == "answered", answer.text
    if case.results is not None:
        assert _named(answer) == sorted(case.results), answer.interpretation.text
    if case.value is not None:
        fields = [v for r in answer.results for v in r.fields.values()]
        assert case.value == answer.value or case.value in fields
    if case.rows:
        assert {str(r.label): r.value for r in answer.rows} == case.rows


def test_open_is_said_to_be_assumed(museum: Assistant) -> None:
    answer = museum.ask("findings of lockers", now=NOW)
    assert "open findings are those neither fixed nor waived" in answer.interpretation.assumptions


def test_complying_claims_no_proof(museum: Assistant) -> None:
    answer = museum.ask("services compliant with probes-wanted", now=NOW)
    assert any("whether it was checked" in said for said in answer.interpretation.assumptions)
