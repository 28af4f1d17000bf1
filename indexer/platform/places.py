"""Where a resource lives and which stack holds it: regions, environments, folders and workspaces."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from indexer.collectors.deployments import ENVIRONMENTS, environment_in, environment_of

_COMMON = {word for words in ENVIRONMENTS.values() for word in words}
_ARN_REGION = re.compile(r"^arn:[\w-]+:[\w-]+:([a-z]{2}(?:-[a-z]+)+-\d)?:")
_AWS_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
_GCP_ZONE = re.compile(r"([a-z]+-[a-z]+\d)-[a-z]")
_LOCAL_WORKSPACE = re.compile(r"^(.*?)/?terraform\.tfstate\.d/([^/]+)/")
_S3_WORKSPACE = re.compile(r"^(?:(.*)/)?env:/([^/]+)/(.+)$")
_STATE_NAMES = frozenset(
    {"terraform", "default", "state", "tfstate", "opentofu", "tofu", "show", "output", "outputs"}
)
"""File names that say nothing about what is in them."""


def region_of(*texts: str | None) -> str | None:
    """The region that an attribute names, be it a region, a zone, a location or an ARN; the first that does.

    >>> region_of(None, "eu-west-1b"), region_of("West Europe"), region_of("arn:aws:rds:eu-west-1:1:db:a")
    ('eu-west-1', 'westeurope', 'eu-west-1')
    >>> region_of("EUROPE-WEST1-B"), region_of("arn:aws:s3:::a")
    ('europe-west1', None)
    """
    for text in texts:
        plain = (text or "").strip().lower().replace(" ", "")
        if plain.startswith("arn:"):
            match = _ARN_REGION.match(plain)
            plain = (match[1] or "") if match else ""
        zone = _AWS_ZONE.fullmatch(plain) or _GCP_ZONE.fullmatch(plain)
        plain = zone[1] if zone else plain
        if plain and len(plain) <= 40:
            return plain
    return None


def environment_among(*texts: str | None) -> str | None:
    """The one common environment that folders, workspaces or stacks are named after; None when they name several.

    >>> environment_among("infra/prod/orders"), environment_among("shop-stg"), environment_among("test-results/dev")
    ('production', 'staging', 'development')
    """
    for text in texts:
        parts = [part for part in re.split(r"[/:]+", (text or "").lower()) if part]
        named = {environment_of(part) for part in parts if part in _COMMON}
        if not named and len(parts) == 1:
            named = {environment_in(parts[0])[0]} - {None}
        if len(named) == 1:
            return named.pop()
    return None


def state_place(path: str) -> tuple[str, str, str]:
    """Folder, workspace and project that a state file's path speaks of; empty where it does not.

    >>> state_place("infra/orders/terraform.tfstate"), state_place("orders/terraform.tfstate.d/prod/terraform.tfstate")
    (('infra/orders', '', ''), ('orders', 'prod', ''))
    >>> state_place("states/payments-prod.tfstate")
    ('states', '', 'payments-prod')
    """
    workspace = ""
    match = _LOCAL_WORKSPACE.match(path)
    if match is not None:
        path, workspace = f"{match[1]}/{PurePosixPath(path).name}".lstrip("/"), match[2]
    elif (match := _S3_WORKSPACE.match(path)) is not None:
        path, workspace = "/".join(filter(None, (match[1], match[3]))), match[2]
    place = PurePosixPath(path)
    stem = place.name.split(".")[0]
    folder = "" if str(place.parent) == "." else str(place.parent)
    return folder, workspace, "" if stem.lower() in _STATE_NAMES else stem
