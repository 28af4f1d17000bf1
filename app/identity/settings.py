"""The section `access` of `callboard.yaml`: which credentials are believed, and whether one may come without any."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from app.callers import Caller
from app.identity.keys import ApiKey
from app.shape import listed, mapping, only_known, optional, refs_of, some_text, texts, wrong

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ALGORITHMS = frozenset(
    ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA")
)
"""Signatures that may be asked for: only those where who checks cannot sign."""

DEFAULT_ALGORITHMS = ("ES256", "RS256")
"""What Backstage signs with, and most identity providers."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are believed.

    Attributes:
        issuer: `iss` of its tokens, exactly.
        jwks: address of its public keys; plain HTTP only on this machine.
        audience: one of these must be in `aud`.
        algorithms: signatures that are accepted.
        user_claim, groups_claim, roles_claim: where a token names the user, the groups and the roles.
    """

    issuer: str
    jwks: str
    audience: tuple[str, ...]
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS
    user_claim: str = "sub"
    groups_claim: str = "ent"
    roles_claim: str = "roles"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Whose headers are believed.

    Attributes:
        networks: addresses the proxy connects from.
        user, groups, roles: names of the headers, in lower case; lists are joined by commas.
    """

    networks: tuple[Network, ...]
    user: str = "x-forwarded-user"
    groups: str = "x-forwarded-groups"
    roles: str = "x-forwarded-roles"


@dataclass(frozen=True, slots=True)
class Access:
    """Everything the settings say about credentials.

    Attributes:
        anonymous: whether requests without credentials are answered, with what everybody may see.
    """

    anonymous: bool = True
    keys: tuple[ApiKey, ...] = ()
    issuers: tuple[Issuer, ...] = ()
    proxy: Proxy | None = field(default=None)


def read_access(written: object, where: str) -> Access:
    """What a settings file says about credentials.

    Args:
        written: what stands under `access`; None when nothing does.
        where: the file, for messages.

    Raises:
        UserError: something is not as expected; names the file, the key and what was expected, never a secret.
    """
    said = mapping(written, where, "access")
    only_known(said, ("anonymous", "keys", "tokens", "proxy"), where, "access")
    keys = tuple(
        _key(one, where, f"access.keys[{number}]")
        for number, one in enumerate(listed(said.get("keys"), where, "access.keys"))
    )
    issuers = tuple(
        _issuer(one, where, f"access.tokens[{number}]")
        for number, one in enumerate(listed(said.get("tokens"), where, "access.tokens"))
    )
    proxy = _proxy(said["proxy"], where) if said.get("proxy") is not None else None
    anonymous = said.get("anonymous", not (keys or issuers or proxy))
    if not isinstance(anonymous, bool):
        raise wrong(where, "access.anonymous", anonymous, "yes or no")
    return Access(anonymous, keys, issuers, proxy)


def _key(value: object, where: str, key: str) -> ApiKey:
    said = mapping(value, where, key)
    only_known(said, ("hash", "name", "user", "groups", "roles"), where, key)
    try:
        return ApiKey.read(
            some_text(said.get("hash"), where, f"{key}.hash"), _caller(said, where, key)
        )
    except ValueError:
        raise wrong(
            where, f"{key}.hash", "unusable", "a line that `callboard key new` printed"
        ) from None


def _caller(said: Mapping[str, object], where: str, key: str) -> Caller:
    users = refs_of(said.get("user"), "user", where, f"{key}.user")
    return Caller(
        user=users[0] if users else None,
        groups=frozenset(refs_of(said.get("groups"), "group", where, f"{key}.groups")),
        roles=frozenset(texts(said.get("roles"), where, f"{key}.roles")),
    )


def _issuer(value: object, where: str, key: str) -> Issuer:
    said = mapping(value, where, key)
    claims = ("user_claim", "groups_claim", "roles_claim")
    only_known(said, ("issuer", "jwks", "audience", "algorithms", *claims), where, key)
    algorithms = texts(said.get("algorithms"), where, f"{key}.algorithms") or DEFAULT_ALGORITHMS
    for name in algorithms:
        if name not in ALGORITHMS:
            raise wrong(
                where, f"{key}.algorithms", name, f"some of {', '.join(sorted(ALGORITHMS))}"
            )
    audience = texts(said.get("audience"), where, f"{key}.audience")
    if not audience:
        raise wrong(where, f"{key}.audience", None, "whom the tokens are for, such as backstage")
    named = {name: text for name in claims if (text := optional(said, name, where, key))}
    return Issuer(
        issuer=some_text(said.get("issuer"), where, f"{key}.issuer"),
        jwks=_address(said.get("jwks"), where, f"{key}.jwks"),
        audience=audience,
        algorithms=tuple(algorithms),
        **named,
    )


def _address(value: object, where: str, key: str) -> str:
    text = some_text(value, where, key)
    parts = urlsplit(text)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
        raise wrong(where, key, text, "an https:// address (http:// only on this machine)")
    return text


def _proxy(value: object, where: str) -> Proxy:
    said = mapping(value, where, "access.proxy")
    only_known(
        said, ("from", "user_header", "groups_header", "roles_header"), where, "access.proxy"
    )
    networks = []
    for text in texts(said.get("from"), where, "access.proxy.from"):
        try:
            networks.append(ipaddress.ip_network(text))
        except ValueError:
            raise wrong(
                where, "access.proxy.from", text, "an address or a network such as 10.0.0.0/8"
            ) from None
    if not networks:
        raise wrong(where, "access.proxy.from", None, "the addresses the proxy connects from")
    headers = {
        part: header.lower()
        for part in ("user", "groups", "roles")
        if (header := optional(said, f"{part}_header", where, "access.proxy"))
    }
    return Proxy(tuple(networks), **headers)
