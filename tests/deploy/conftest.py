"""A small published store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.conftest import publish_store, write_organisation


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read."""
    files = write_organisation(tmp_path_factory.mktemp("deploy"))
    return publish_store(files, tmp_path_factory.mktemp("deploy-store"))
