"""Who a request is from, by its headers and the address it came from."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from app.callers import ANYONE, Caller
from app.identity.keys import ApiKey, id_of, is_key
from app.identity.settings import Access, Proxy
from catalog_store.errors import InvalidRef, Unauthenticated
from catalog_store.model.entity import EntityRef

EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
"""Where callers are believed, their headers are, wherever they come from."""

_REFUSED = "the credentials are not valid"


class Identities:
    """Tells callers apart. Safe to share between threads.

    What is presented must be right: a bad key or token is refused, and never makes its bearer an anonymous caller.
    """

    def __init__(self, access: Access, *, trust_caller: bool = False) -> None:
        """Tokens are checked by a library that is loaded only when some issuer is believed.

        Args:
            access: what the settings say.
            trust_caller: believe the headers of a proxy wherever they come from.
        """
        self._anonymous = access.anonymous or trust_caller
        self._keys = {key.id: key for key in access.keys}
        self._proxy = access.proxy
        if trust_caller:
            self._proxy = Proxy(EVERYWHERE) if access.proxy is None else _anywhere(access.proxy)
        self._tokens = None
        if access.issuers:
            from app.identity.tokens import Tokens  # noqa: PLC0415

            self._tokens = Tokens(access.issuers)

    def caller(self, headers: Mapping[str, str], peer: str | None) -> Caller:
        """Who a request is from.

        Args:
            headers: by name in lower case.
            peer: the address it came from; None when it came through a socket without one.

        Raises:
            Unauthenticated: what was presented is not valid, or nothing was and something must be.
        """
        presented = _presented(headers)
        if presented is not None:
            return self._bearer(presented)
        if self._proxy is not None and _within(peer, self._proxy):
            named = _from_proxy(headers, self._proxy)
            if named is not None:
                return named
        if not self._anonymous:
            raise Unauthenticated(
                "this server answers only with credentials: send `Authorization: Bearer …`"
            )
        return ANYONE

    def _bearer(self, presented: str) -> Caller:
        if is_key(presented):
            key = self._keys.get(id_of(presented))
            # an unknown id takes as long as a wrong key
            if (key or _NO_KEY).fits(presented) and key is not None:
                return key.caller
            raise Unauthenticated(_REFUSED)
        if self._tokens is None:
            raise Unauthenticated(_REFUSED)
        return self._tokens.caller(presented)


_NO_KEY = ApiKey("", b"\0" * 16, b"\0" * 32, ANYONE)


def presents(headers: Mapping[str, str]) -> bool:
    """Whether a request carries a key or token, whose check may take long; by name in lower case.

    >>> presents({"authorization": "Bearer x"}), presents({"x-forwarded-user": "jane"})
    (True, False)
    """
    return "x-api-key" in headers or "authorization" in headers


def _presented(headers: Mapping[str, str]) -> str | None:
    """The key or token of a request; None when it carries none."""
    key = headers.get("x-api-key")
    if key is not None:
        return key.strip()
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not rest.strip():
        raise Unauthenticated("the credentials cannot be read; expected `Authorization: Bearer …`")
    return rest.strip()


def _anywhere(proxy: Proxy) -> Proxy:
    return Proxy(EVERYWHERE, proxy.user, proxy.groups, proxy.roles)


def _within(peer: str | None, proxy: Proxy) -> bool:
    if peer is None:
        return False
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in proxy.networks)


def _from_proxy(headers: Mapping[str, str], proxy: Proxy) -> Caller | None:
    """Who the proxy says it is; None when it says nothing.

    Raises:
        Unauthenticated: what it says is no reference.
    """
    user, groups, roles = (
        headers.get(name, "").strip() for name in (proxy.user, proxy.groups, proxy.roles)
    )
    if not (user or groups or roles):
        return None
    try:
        return Caller(
            user=str(EntityRef.parse(user, default_kind="User")) if user else None,
            groups=frozenset(
                str(EntityRef.parse(one, default_kind="Group")) for one in _listed(groups)
            ),
            roles=frozenset(_listed(roles)),
        )
    except InvalidRef:
        raise Unauthenticated(
            "the proxy names a user or group that is no entity reference"
        ) from None


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
