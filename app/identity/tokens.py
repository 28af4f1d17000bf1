"""Signed tokens of identity providers (JWT), Backstage's own among them, checked against their published keys.

Keys are fetched when first needed and kept. A token signed with a key that is not known yet fetches them again, but not more often
than every half minute, so strangers cannot make us ask. When the provider cannot be reached, the keys known go on serving for a day.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from app.callers import Caller
from app.identity.settings import Issuer
from app.observe import log
from catalog_store.errors import InvalidRef, Unauthenticated
from catalog_store.model.entity import EntityRef

FRESH_S, ASK_AGAIN_S, STALE_S = 600.0, 30.0, 86_400.0
"""Seconds for which keys are not asked for again; between two tries; and for which old ones serve while the provider is away."""

LEEWAY_S = 30
"""Seconds by which clocks may differ."""

TIMEOUT_S, MAX_BYTES = 5.0, 256 * 1024
"""Most time and size of an answer with keys."""

MAX_TOKEN = 16 * 1024
"""Characters of the longest token that is read."""

_REFUSED = "the credentials are not valid"


class PublicKeys:
    """The published keys of one issuer. Safe to share between threads."""

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is fetched before the first token comes."""
        self._address, self._clock = address, clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None

    def key(self, key_id: str | None) -> jwt.PyJWK | None:
        """The key of an id; the only one there is when a token names none; None when there is none."""
        found = self._known(key_id)
        now = self._clock()
        stale = self._read_at is None or now - self._read_at > FRESH_S
        if found is None or stale:
            self._refresh()
            found = self._known(key_id)
        if self._read_at is None or self._clock() - self._read_at > STALE_S:
            return None
        return found

    def _known(self, key_id: str | None) -> jwt.PyJWK | None:
        keys = self._keys
        if key_id is None:
            return next(iter(keys.values())) if len(keys) == 1 else None
        return keys.get(key_id)

    def _refresh(self) -> None:
        with self._lock:
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < ASK_AGAIN_S:
                return
            self._tried_at = now
            try:
                self._keys = _read_keys(_fetch(self._address))
                self._read_at = now
            except (OSError, ValueError, urllib.error.URLError) as error:
                log(
                    logging.WARNING, "public keys not read", address=self._address, error=str(error)
                )


def _fetch(address: str) -> bytes:
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310  the settings allow only http(s)
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as response:
        data: bytes = response.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("the answer is too large")
    return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the address that was told, and from no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def _read_keys(data: bytes) -> dict[str, jwt.PyJWK]:
    """Usable keys by id; those of another purpose or a sort we do not know are left out."""
    body = json.loads(data)
    rows = body.get("keys") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise ValueError("no list of keys")
    found: dict[str, jwt.PyJWK] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or row.get("use", "sig") != "sig" or row.get("kty") == "oct":
            continue
        try:
            found[str(row.get("kid", number))] = jwt.PyJWK(row)
        except jwt.PyJWTError:
            continue
    return found


class Tokens:
    """Believes the tokens of some issuers. Safe to share between threads."""

    def __init__(
        self, issuers: tuple[Issuer, ...], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Nothing is fetched before the first token comes."""
        self._issuers = {one.issuer: (one, PublicKeys(one.jwks, clock=clock)) for one in issuers}

    def caller(self, token: str) -> Caller:
        """Who a token is of.

        Raises:
            Unauthenticated: it is not valid; the message says no more than that, or that it is too old.
        """
        issuer, keys = self._issuer_of(token)
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            key = (
                keys.key(None if key_id is None else str(key_id))
                if algorithm in issuer.algorithms
                else None
            )
            if key is None or not isinstance(algorithm, str) or not _signs(key, algorithm):
                raise Unauthenticated(_REFUSED)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=list(issuer.audience),
                issuer=issuer.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired; get a new one") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthenticated(_REFUSED) from None
        return _caller(claims, issuer)

    def _issuer_of(self, token: str) -> tuple[Issuer, PublicKeys]:
        """By the issuer the token names, which its signature has to prove yet."""
        if len(token) > MAX_TOKEN:
            raise Unauthenticated(_REFUSED)
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthenticated(_REFUSED) from None
        found = self._issuers.get(str(claims.get("iss")))
        if found is None:
            raise Unauthenticated(_REFUSED)
        return found


def _signs(key: jwt.PyJWK, algorithm: str) -> bool:
    """Whether a key is of the sort an algorithm signs with: a token may not choose how its key is understood."""
    kinds = {"ES": "EC", "RS": "RSA", "PS": "RSA", "Ed": "OKP"}
    told = key.key_type == kinds.get(algorithm[:2])
    return told and (key.key_type != "EC" or key.algorithm_name == algorithm)


def _caller(claims: Mapping[str, Any], issuer: Issuer) -> Caller:
    """The user by reference; a subject that is none leaves a caller without a name, with the groups they have."""
    user = _ref(claims.get(issuer.user_claim), "User")
    groups = claims.get(issuer.groups_claim)
    roles = claims.get(issuer.roles_claim)
    refs = {_ref(one, "Group") for one in groups} if isinstance(groups, list) else set()
    return Caller(
        user=user,
        groups=frozenset(ref for ref in refs if ref is not None and ref.startswith("group:")),
        roles=frozenset(one for one in roles if isinstance(one, str))
        if isinstance(roles, list)
        else frozenset(),
    )


def _ref(value: object, kind: str) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return str(EntityRef.parse(value, default_kind=kind))
    except InvalidRef:
        return None
