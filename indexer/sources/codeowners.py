"""CODEOWNERS of GitHub, GitLab and Bitbucket: who owns an entity that names no owner itself.

Read: one rule a line, the last that fits counts, as on GitHub; sections of GitLab lend their owners.

Joined: the rule for the catalog file of an entity that declares no owner; `@org/team` by `github.com/team-slug`
or the group's name, logins and addresses by user. Groups come before people.

Ignored: entities with an owner, also with a wrong one; owners the catalog does not know are reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from indexer.files import InputFile
from indexer.raw import OwnerRule
from indexer.sources.base import FeedReader, Harvest
from indexer.text import NotText

_HOMES = frozenset({".github", ".gitlab", "docs"})
"""Folders a repository keeps its CODEOWNERS in, when it is not at the top."""
_OWNER = re.compile(r"@?@[\w./-]+|[^\s@]+@[^\s@]+\.[^\s@]+")
_SECTION = re.compile(r"\^?\[[^\]]*\](?:\[\d+\])?")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


class CodeOwners(FeedReader):
    """Reads one rule a line; the sections of GitLab lend their owners to lines without any."""

    name: ClassVar[str] = "codeowners"
    suffixes: ClassVar[frozenset[str]] = frozenset()

    def claims(self, file: InputFile) -> bool:
        """A file of this name, since its lines alone could be anything."""
        return file.location.name == "CODEOWNERS"

    def read(self, file: InputFile, harvest: Harvest) -> None:
        """Hand over the rules, starting at the top of the repository."""
        try:
            text = file.text()
        except NotText as error:
            harvest.report.error(
                "not-utf8", f"{error.reason}; nothing in it was read", file.span(error.line)
            )
            return
        folder = file.location.parent
        folder = folder.parent if folder.name in _HOMES else folder
        lent: Sequence[str] = ()
        for number, row in enumerate(text.split("\n"), start=1):
            section = _SECTION.match(row.strip())
            if section is not None:
                lent = _owners(_words(row.strip()[section.end() :]))
                continue
            words = _words(row)
            if words:
                owners = _owners(words[1:]) or lent
                span = file.span(number)
                harvest.owner_rules.append(OwnerRule(folder, words[0], tuple(owners), span))


SOURCE = CodeOwners


def _words(row: str) -> list[str]:
    r"""The words of a line before its comment.

    >>> _words(r"/a\ b/  @shop/cart # ours")
    ['/a b/', '@shop/cart']
    """
    words: list[str] = []
    for word in _WORD.findall(row.replace("\x00", "")):
        if word.startswith("#"):
            break
        words.append(word.replace("\\ ", " "))
    return words


def _owners(words: Sequence[str]) -> list[str]:
    # "@@role" is a role of a GitLab project, which no catalog knows.
    return [word for word in words if _OWNER.fullmatch(word) and not word.startswith("@@")]
