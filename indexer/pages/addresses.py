"""Which page a web address means, when all that is known of the pages is where their files lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from indexer.pages.page import EXTENSIONS, INDEX_STEMS


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page lies.

    Attributes:
        path: what it is known by.
        folders: the folders above it, lower-case, outermost first.
        stem: its file name without extensions, lower-case.
    """

    path: str
    folders: tuple[str, ...]
    stem: str

    @classmethod
    def of(cls, path: str) -> Place:
        """The place of a path relative to its root.

        >>> Place.of("Runbooks/Slow.md")
        Place(path='Runbooks/Slow.md', folders=('runbooks',), stem='slow')
        """
        *folders, name = path.lower().split("/")
        return cls(path, tuple(folders), _without_extension(name))


class Addresses:
    """Finds the page whose path agrees with the end of an address longest."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_stem: dict[str, list[Place]] = {}
        for place in places:
            self._by_stem.setdefault(place.stem, []).append(place)

    def at(self, url: str) -> str | None:
        """The page's path; None when there is none, or two agree equally."""
        try:
            parts = PurePosixPath(unquote(urlsplit(url.strip()).path).lower()).parts
        except ValueError:
            return None
        if not parts:
            return None
        wanted = [*(part for part in parts[:-1] if part != "/"), _without_extension(parts[-1])]
        candidates = self._by_stem.get(wanted[-1], [])
        ranked = sorted(
            ((_agreement(wanted, place), place) for place in candidates), key=lambda row: -row[0]
        )
        if not ranked or (ranked[0][1].stem in INDEX_STEMS and ranked[0][0] < 2):
            return None
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            return None
        return ranked[0][1].path


def _agreement(wanted: Sequence[str], place: Place) -> int:
    count = 0
    for one, two in zip(reversed(wanted), reversed((*place.folders, place.stem)), strict=False):
        if one != two:
            break
        count += 1
    return count


def _without_extension(name: str) -> str:
    cut = next((ext for ext in (*EXTENSIONS, ".html", ".htm") if name.endswith(ext)), "")
    return name[: len(name) - len(cut)] if cut else name
