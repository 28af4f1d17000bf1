"""Stacks of infrastructure as code, and the resources in them, whatever way an apply names a stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.catalog import Catalog
from indexer.processors.platform import PLATFORM


class Stacks:
    """Finds the resources of a stack by its folder, workspace or project."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_name: dict[str, set[str]] = {}
        self._resources: dict[str, list[str]] = {}
        for raw in catalog.descriptions():
            said = raw.section(PLATFORM)
            stack, names = said.get("stack_id"), said.get("stack_names")
            if not isinstance(stack, str) or not isinstance(names, list):
                continue
            if stack not in self._resources:
                for name in names:
                    self._by_name.setdefault(str(name).lower(), set()).add(stack)
            self._resources.setdefault(stack, []).append(str(raw.ref))

    def resources(self, names: Sequence[str]) -> Sequence[str]:
        """The resources of the one stack that the first telling name means; empty when none or several are meant.

        Args:
            names: as an apply writes them, surest first: a project, a workspace, a folder. A folder may be the end of
                a longer one, since a repository need not be the folder that was indexed.
        """
        for name in names:
            plain = name.strip().strip("/").lower()
            if not plain:
                continue
            found = self._by_name.get(plain) or _ending(self._by_name, plain)
            if len(found) == 1:
                return list(dict.fromkeys(self._resources[next(iter(found))]))
            if found:
                return ()
        return ()


def _ending(by_name: Mapping[str, set[str]], plain: str) -> set[str]:
    tail = f"/{plain}"
    return {stack for name, stacks in by_name.items() if name.endswith(tail) for stack in stacks}


def folder_name(folder: str, workspace: str | None) -> str:
    """How a folder is named together with a workspace other than the default one.

    >>> folder_name("infra/orders", "prod"), folder_name("infra/orders", "default")
    ('infra/orders:prod', 'infra/orders')
    """
    return f"{folder}:{workspace}" if workspace and workspace != "default" else folder
