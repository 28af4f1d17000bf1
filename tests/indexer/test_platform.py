"""Infrastructure: that no state or manifest stops a build, that secrets stay where they are, and how applies join."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.platform.types import TYPES, is_glue
from tests.indexer.support import build, component, edges, problems
from tests.indexer.test_feeds import check_shape

CART = component("cart", metadata="annotations:\n  github.com/project-slug: shop/cart")

KEYS = [
    *("resources", "instances", "attributes", "mode", "type", "name", "module", "index_key"),
    *("dependencies", "sensitive_attributes", "values", "root_module", "child_modules", "address"),
    *("tags", "labels", "arn", "region", "engine", "identifier", "sensitive_values", "depends_on"),
    *("urn", "custom", "inputs", "outputs", "id", "manifest", "time", "metadata", "spec", "kind"),
    *("namespace", "annotations", "template", "containers", "image", "replicas", "items", "status"),
    *("conditions", "managedFields", "rules", "host", "forProvider", "run_status", "repository"),
    *("Directory", "ProjectName", "Repo", "User", "Pull", "received_at", "conclusion", "web_url"),
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [
            "",
            "x",
            "managed",
            "aws_sqs_queue",
            "random_id",
            "2026-05-01T00:00:00Z",
            "arn:aws:sqs:eu-west-1:1:a",
            "urn:pulumi:dev::shop::aws:sqs/queue:Queue::a",
            "aws:sqs/queue:Queue",
            "Deployment",
            "eu-west-1a",
            "applied",
            "success",
            "\ud800",
            "[",
        ]
    )
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=7)
    ),
    max_leaves=30,
)


def state(*resources: Any, **more: Any) -> str:
    """A state file."""
    whole = {"version": 4, "terraform_version": "1", "serial": 1, "lineage": "l"}
    return json.dumps({**whole, "resources": resources, **more}, indent=1)


def resource(sort: str, label: str, **attributes: Any) -> dict[str, Any]:
    """One resource of a state file."""
    instances = [{"attributes": attributes}]
    return {"mode": "managed", "type": sort, "name": label, "instances": instances}


def apply(at: str | None, **more: Any) -> str:
    """The body of an Atlantis webhook."""
    body = {
        "Workspace": "default",
        "Repo": {"FullName": "shop/infra"},
        "Pull": {"Num": 1},
        "User": {"Username": "ada"},
        "Success": True,
        "Directory": "orders",
        "ProjectName": "",
    }
    return json.dumps({**body, **({"received_at": at} if at else {}), **more})


def feeds(value: object) -> dict[str, str]:
    """One file per format that surely is claimed by it, with the value in every place that matters."""
    item = value if isinstance(value, dict) else {"x": value}
    sqs = resource("aws_sqs_queue", "a")
    wholes: dict[str, object] = {
        "shown.json": {
            "format_version": "1.0",
            "terraform_version": "1",
            "values": {"root_module": {"resources": [value, item], "child_modules": [value, item]}},
        },
        "stack.json": {
            "deployment": {
                "manifest": {"time": value},
                "resources": [
                    value,
                    {
                        "urn": "urn:pulumi:dev::shop::aws:sqs/queue:Queue::a",
                        "type": "aws:sqs/queue:Queue",
                        "custom": True,
                        "inputs": value,
                        "outputs": item,
                        **item,
                    },
                ],
            }
        },
        "objects.json": {
            "apiVersion": "v1",
            "kind": "List",
            "items": [
                value,
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": value, "spec": value},
                {
                    "apiVersion": "sqs.aws.upbound.io/v1",
                    "kind": "Queue",
                    "metadata": {"name": "q", **item},
                    "spec": value,
                    "status": value,
                },
            ],
        },
        "atlantis.json": {
            "Workspace": "default",
            "Repo": {"FullName": "a/b"},
            "Success": True,
            "received_at": "2026-05-01",
            **item,
        },
        "hcp.json": {
            "notification_configuration_id": "nc",
            "workspace_name": "a",
            "run_id": "r",
            "notifications": [
                value,
                {"run_status": "applied", "run_updated_at": "2026-05-01", **item},
            ],
        },
        "runs.json": {
            "workflow_runs": [
                value,
                {
                    "id": 1,
                    "status": "completed",
                    "conclusion": "success",
                    "updated_at": "2026-05-01",
                    "repository": {"full_name": "shop/cart"},
                    **item,
                },
            ]
        },
        "pipeline.json": {
            "object_kind": "pipeline",
            "object_attributes": {
                "id": 1,
                "status": "success",
                "finished_at": "2026-05-01",
                **item,
            },
            "project": {"path_with_namespace": "a/b"},
            "user": value,
        },
    }
    text = state(value, {**sqs, **item}, {**sqs, "instances": [value, {"attributes": value}]})
    return {"a.tfstate": text} | {n: json.dumps(whole, indent=1) for n, whole in wholes.items()}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=ANYTHING)
def test_nothing_stops_a_build(value: object, tmp_path: Path) -> None:
    content = build(tmp_path, {"catalog-info.yaml": CART, **feeds(value)})
    refs = [str(entity.ref) for entity in content.entities]
    assert len(set(refs)) == len(refs)
    check_shape(content)
    for problem in content.problems:
        assert 1 <= problem.span.first <= problem.span.last


@pytest.mark.parametrize("name", feeds({}), ids=str)
def test_every_format_is_claimed(name: str, tmp_path: Path) -> None:
    content = build(tmp_path, {name: feeds({})[name]})
    assert sum(content.sources.values()) == 1


def test_a_truncated_state_is_reported_and_costs_nothing_else(tmp_path: Path) -> None:
    text = state(resource("aws_s3_bucket", "a", bucket="files"))
    content = build(tmp_path, {"catalog-info.yaml": CART, "a.tfstate": text[:-30]})
    assert [str(e.ref) for e in content.entities] == ["component:default/cart"]
    assert [p.partition(":")[0] for p in problems(content) if "a.tfstate" in p] == [
        "error invalid-json a.tfstate"
    ]


SECRETS = {
    "password": "hunter2",
    "master_password": "hunter2",
    "connection_string": "postgres://hunter2",
    "environment": [{"variables": {"TOKEN": "hunter2"}}],
    "user_data": "hunter2",
}


def test_no_secret_of_a_state_is_kept(tmp_path: Path) -> None:
    marked = resource("aws_db_instance", "b", identifier="b", engine="hunter2", tags={"owner": "x"})
    marked["instances"][0]["sensitive_attributes"] = [[{"type": "get_attr", "value": "engine"}]]
    plain = resource("aws_db_instance", "a", identifier="orders", engine="postgres", **SECRETS)
    outputs = {"dsn": {"value": "hunter2", "type": "string"}}
    content = build(tmp_path, {"a.tfstate": state(plain, marked, outputs=outputs)})
    assert [e.values["name"] for e in content.entities] == ["orders", "b"]
    assert [e.values.get("engine") for e in content.entities] == ["postgres", None]
    assert "hunter2" not in repr([(e.values, e.raw) for e in content.entities])
    assert "hunter2" not in repr(content.problems)


def test_no_document_in_an_annotation_becomes_a_tag(tmp_path: Path) -> None:
    manifest = {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": {
            "name": "orders",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": '{"token": "hunter2"}',
                "acme.example/note": "hunter2",
            },
            "labels": {"acme.example/cost-centre": "42"},
        },
    }
    content = build(tmp_path, {"a.json": json.dumps(manifest)})
    assert content.entities[0].values["tags"] == ("acme.example/cost-centre:42",)
    assert "hunter2" not in repr([(e.values, e.raw) for e in content.entities])


FOLDERS = {
    "infra/orders/terraform.tfstate": state(resource("aws_s3_bucket", "a", bucket="orders")),
    "infra/carts/terraform.tfstate": state(resource("aws_s3_bucket", "a", bucket="carts")),
    "infra/carts/terraform.tfstate.d/blue/terraform.tfstate": state(
        resource("aws_s3_bucket", "a", bucket="carts-blue")
    ),
    "other/orders/terraform.tfstate": state(resource("aws_s3_bucket", "a", bucket="others")),
    "billing.tfstate": state(resource("aws_s3_bucket", "a", bucket="bills")),
}


@pytest.mark.parametrize(
    ("event", "touched"),
    [
        pytest.param({"Directory": "orders"}, ["orders"], id="repository and folder"),
        pytest.param({"Directory": "carts"}, ["carts"], id="the default workspace is no other"),
        pytest.param({"Directory": "carts", "Workspace": "blue"}, ["carts-blue"], id="workspace"),
        pytest.param({"Directory": "x", "ProjectName": "billing"}, ["bills"], id="project"),
        pytest.param(
            {"Directory": "orders", "Repo": {"FullName": "shop/elsewhere"}}, [], id="two fit: none"
        ),
        pytest.param(
            {"Directory": "orders", "Success": False}, [], id="a failed one touched nothing"
        ),
        pytest.param({"Directory": "gone"}, [], id="no such folder"),
    ],
)
def test_an_apply_finds_its_stack(
    event: dict[str, Any], touched: list[str], tmp_path: Path
) -> None:
    body = apply("2026-05-01T10:00:00Z", **event)
    content = build(tmp_path, {**FOLDERS, "applies.ndjson": body})
    at = datetime(2026, 5, 1, 10, tzinfo=UTC)
    known = {e.values["name"]: e.values.get("last_applied_at") for e in content.entities}
    assert [name for name, moment in known.items() if moment == at] == touched
    assert len(content.records) == 1


def test_the_latest_apply_counts_and_an_apply_without_a_time_does_not(tmp_path: Path) -> None:
    bodies = [apply("2026-05-03"), apply("2026-05-01"), apply(None)]
    content = build(tmp_path, {**FOLDERS, "applies.ndjson": "\n".join(bodies)})
    orders = next(e for e in content.entities if e.values["name"] == "orders")
    assert orders.values["last_applied_at"] == datetime(2026, 5, 3, tzinfo=UTC)
    assert orders.spans["last_applied_at"].path == "applies.ndjson"
    assert problems(content) == ["error missing-time applies.ndjson:3"]
    assert (
        "apply:atlantis/shop/infra/1-orders-20260501T000000Z changeOf resource:default/orders"
        in edges(content)
    )


NAMED = [
    pytest.param(
        {
            "prod/a.tfstate": state(resource("aws_db_instance", "a", identifier="db")),
            "staging/a.tfstate": state(resource("aws_db_instance", "a", identifier="db")),
        },
        ["db", "db-staging"],
        id="production keeps the bare name",
    ),
    pytest.param(
        {
            "a.tfstate": state(
                resource("aws_db_instance", "a", identifier="db"),
                resource("aws_sqs_queue", "a", name="db"),
            )
        },
        ["db", "db-queue"],
        id="types tell apart",
    ),
    pytest.param(
        {
            "a.tfstate": state(resource("aws_sqs_queue", "a", arn="arn:aws:sqs::1:q", name="q")),
            "b.tfstate": state(resource("aws_sqs_queue", "b", arn="arn:aws:sqs::1:q", name="q")),
        },
        ["q"],
        id="one address is one thing",
    ),
    pytest.param(
        {
            "a.tfstate": state(resource("aws_sqs_queue", "a", name="q")),
            "b.tfstate": state(resource("aws_sqs_queue", "a", name="q")),
            "c.tfstate": state(resource("aws_sqs_queue", "a", name="q")),
        },
        ["q", "q-queue", "q-queue-2"],
        id="nothing is lost when nothing tells apart",
    ),
    pytest.param(
        {"a.tfstate": state(resource("aws_sqs_queue", "a", name="/"))}, ["unnamed"], id="no name"
    ),
]


@pytest.mark.parametrize(("files", "names"), NAMED)
def test_names(files: dict[str, str], names: list[str], tmp_path: Path) -> None:
    content = build(tmp_path, files)
    assert sorted(entity.ref.name for entity in content.entities) == names


def test_a_declared_resource_is_filled_and_never_overwritten(tmp_path: Path) -> None:
    declared = (
        "apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: orders, namespace: shop}\n"
        "spec: {type: postgres, owner: payments}\n"
    )
    held = resource(
        "aws_db_instance", "a", identifier="orders", engine="mysql", tags={"owner": "someone"}
    )
    content = build(tmp_path, {"catalog-info.yaml": declared, "a.tfstate": state(held)})
    (entity,) = content.entities
    assert str(entity.ref) == "resource:shop/orders"
    assert (entity.values["type"], entity.values["owner"]) == ("postgres", "group:shop/payments")
    assert (entity.values["engine"], entity.spans["engine"].path) == ("mysql", "a.tfstate")


def test_kept_types_are_never_glue_of_another_name() -> None:
    """The table wins over the glue words, so a word added to them cannot take a type away."""
    assert all(sort and sort == sort.lower() for sort in TYPES.values())
    assert not is_glue("db_instance")
    assert is_glue("db_subnet_group")
