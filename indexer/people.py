"""Who a name in a feed means: a group or a user, by address, login, slug or shown name."""

from __future__ import annotations

import re

from indexer.catalog import Catalog

_LOGINS = ("github.com/user-login", "gitlab.com/user-login")
_TEAMS = ("github.com/team-slug", "gitlab.com/group-slug", "gitlab.com/team-slug")


class People:
    """Finds users and groups; a name that several have finds none of them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._by_email: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        self._persons: dict[str, str | None] = {}
        for entity in catalog.of_kinds(("user", "group")):
            ref = str(entity.ref)
            email, title = entity.values.get("email"), entity.values.get("title")
            if isinstance(email, str):
                self._by_email.setdefault(email.strip().lower(), ref)
            for name in {_plain(entity.ref.name), _plain(title if isinstance(title, str) else "")}:
                self._by_name.setdefault(f"{entity.ref.kind} {name}", set()).add(ref)

    def user(self, email: str, *names: str) -> str | None:
        """The user with an address, else with one of the names or the address's local part."""
        known = self._by_email.get(email.strip().lower())
        if known is not None and known.startswith("user:"):
            return known
        for name in (*names, email.partition("@")[0]):
            if (found := self._named("user", name)) is not None:
                return found
        return None

    def person(self, text: str) -> str | None:
        """The user behind a name, login, address or reference; None for robots and for a name that several have."""
        if text not in self._persons:
            found = self.owner(text)
            is_user = found is not None and found.startswith("user:")
            self._persons[text] = found if is_user else self.user(text, text)
        return self._persons[text]

    def owner(self, text: str) -> str | None:
        """The group or user behind a reference, "@org/team", "@login", "team" or an e-mail address."""
        text = text.strip()
        if not text.startswith("@") and "@" in text:
            return self._by_email.get(text.lower()) or self.user(text)
        name = text.removeprefix("@")
        explicit = self._catalog.resolve(name, kinds=("group", "user"))
        if explicit is not None:
            return str(explicit) if explicit.kind in {"group", "user"} else None
        for kind, keys in (("group", _TEAMS), ("user", _LOGINS)):
            for key in keys:
                same = [r for r in self._catalog.annotated(key, name) if r.startswith(f"{kind}:")]
                if len(same) == 1:
                    return same[0]
        last = name.rpartition("/")[2]
        return self._named("group", last) or (self._named("user", last) if last == name else None)

    def _named(self, kind: str, name: str) -> str | None:
        plain = _plain(name)
        same = self._by_name.get(f"{kind} {plain}", set()) if plain else set()
        return next(iter(same)) if len(same) == 1 else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()
