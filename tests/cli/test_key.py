"""`callboard key new`: the key on its own, the lines for the file beside it, and the two fit."""

from __future__ import annotations

import pytest
import yaml

from app.callers import Caller
from app.identity.settings import read_access
from cli.main import app


def test_the_lines_it_prints_let_the_key_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        app(
            [
                "key",
                "new",
                "--name",
                "ci",
                "--user",
                "jane",
                "--group",
                "payments",
                "--role",
                "admin",
            ]
        )
        == 0
    )
    out, said = capsys.readouterr()
    key = out.strip()
    written = yaml.safe_load(said.partition("For callboard.yaml:")[2])
    (known,) = read_access(written["access"], "callboard.yaml").keys
    assert known.fits(key)
    assert known.caller == Caller(
        "user:default/jane", frozenset({"group:default/payments"}), frozenset({"admin"})
    )
    assert key not in said


def test_a_bad_reference_gives_no_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert app(["key", "new", "--user", "a b"]) == 1
    out, said = capsys.readouterr()
    assert out == ""
    assert "'a b'" in said
