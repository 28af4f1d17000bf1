"""Tokens of identity providers: who is believed, who is not, and what happens when keys change or cannot be had."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from app.callers import Caller
from app.identity.settings import Issuer
from app.identity.tokens import ASK_AGAIN_S, FRESH_S, STALE_S, Tokens
from catalog_store.errors import Unauthenticated
from tests.app.identity.provider import Provider


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def tokens(provider: Provider, clock: _Clock) -> Tokens:
    return Tokens((Issuer(provider.issuer, provider.jwks, ("backstage",)),), clock=clock)


def test_backstages_own_tokens_name_the_user_and_the_groups(
    provider: Provider, tokens: Tokens
) -> None:
    token = provider.token(
        {"ent": ["user:default/jane", "group:default/payments", "Group:EU/Board", "a:b:c", 7]},
        header={"kid": "one", "typ": "vnd.backstage.user"},
    )
    assert tokens.caller(token) == Caller(
        "user:default/jane", frozenset({"group:default/payments", "group:eu/board"})
    )


def test_claims_are_taken_from_where_the_settings_say(provider: Provider, clock: _Clock) -> None:
    issuer = Issuer(
        provider.issuer,
        provider.jwks,
        ("api", "portal"),
        algorithms=("RS256",),
        user_claim="preferred_username",
        groups_claim="groups",
    )
    provider.rotate("rsa", "RS256")
    token = provider.token(
        {
            "aud": ["portal"],
            "preferred_username": "Jane",
            "groups": ["Payments"],
            "roles": ["admin", 3],
        },
        key_id="rsa",
        algorithm="RS256",
    )
    caller = Tokens((issuer,), clock=clock).caller(token)
    assert caller == Caller(
        "user:default/jane", frozenset({"group:default/payments"}), frozenset({"admin"})
    )


def test_a_subject_that_is_no_reference_leaves_a_caller_without_a_name(
    provider: Provider, tokens: Tokens
) -> None:
    assert tokens.caller(provider.token({"sub": "a b", "ent": ["group:default/x"]})) == Caller(
        None, frozenset({"group:default/x"})
    )


def _forged(provider: Provider, algorithm: str, secret: Any) -> str:
    """A token whose header says one thing and whose signature is made with what is public."""
    claims = {
        "iss": provider.issuer,
        "aud": "backstage",
        "sub": "user:default/root",
        "exp": 4_000_000_000,
    }
    if algorithm == "none":
        parts = [json.dumps({"alg": "none", "typ": "JWT"}), json.dumps(claims)]
        return (
            ".".join(base64.urlsafe_b64encode(p.encode()).rstrip(b"=").decode() for p in parts)
            + "."
        )
    return jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": "one"})


def test_what_is_not_signed_by_the_issuer_for_us_is_refused(
    provider: Provider, tokens: Tokens
) -> None:
    other = Provider()
    try:
        bad = {
            "another audience": provider.token({"aud": "other"}),
            "no audience": provider.token(without=("aud",)),
            "another issuer": provider.token({"iss": "https://evil.example"}),
            "an issuer nobody knows": other.token(),
            "another's key under our issuer": other.token({"iss": provider.issuer}),
            "not valid yet": provider.token({"nbf": 4_000_000_000}),
            "no expiry": provider.token(without=("exp",)),
            "a key nobody published": provider.token(header={"kid": "two"}),
            "no algorithm": _forged(provider, "none", None),
            "the public key as a secret": _forged(provider, "HS256", provider.published_text() * 2),
            "no token": "nonsense",
            "three dots": "a.b.c",
            "nothing": "",
            "endless": "a" * 20_000,
            "cut": provider.token()[:-4],
        }
        for what, token in bad.items():
            with pytest.raises(Unauthenticated) as raised:
                tokens.caller(token)
            assert str(raised.value) == "the credentials are not valid", what
    finally:
        other.close()


def test_an_old_token_is_told_so(provider: Provider, tokens: Tokens) -> None:
    with pytest.raises(Unauthenticated, match="has expired"):
        tokens.caller(provider.token({"exp": 1_000_000_000}))


def test_an_algorithm_that_was_not_allowed_is_refused(provider: Provider, clock: _Clock) -> None:
    tokens = Tokens(
        (Issuer(provider.issuer, provider.jwks, ("backstage",), ("RS256",)),), clock=clock
    )
    with pytest.raises(Unauthenticated):
        tokens.caller(provider.token())


def test_a_key_is_not_used_for_another_algorithm_than_its_own(
    provider: Provider, tokens: Tokens
) -> None:
    provider.add("rsa", "RS256")
    token = jwt.encode(
        {"iss": provider.issuer, "aud": "backstage", "exp": 4_000_000_000},
        provider.private_text("rsa"),
        algorithm="RS256",
        headers={"kid": "one"},
    )
    with pytest.raises(Unauthenticated):
        tokens.caller(token)


def test_keys_are_kept_and_a_new_one_is_fetched(
    provider: Provider, tokens: Tokens, clock: _Clock
) -> None:
    for _ in range(3):
        tokens.caller(provider.token())
    assert provider.asked == 1
    provider.rotate("two")
    clock.now += ASK_AGAIN_S
    assert tokens.caller(provider.token(key_id="two")).user == "user:default/jane"
    assert provider.asked == 2
    with pytest.raises(Unauthenticated):
        tokens.caller(provider.token(key_id="one"))


def test_strangers_cannot_make_us_ask(provider: Provider, tokens: Tokens, clock: _Clock) -> None:
    tokens.caller(provider.token())
    clock.now += ASK_AGAIN_S
    for number in range(20):
        with pytest.raises(Unauthenticated):
            tokens.caller(provider.token(header={"kid": f"guess-{number}"}))
    assert provider.asked == 2


def test_known_keys_serve_while_the_provider_is_away_but_not_for_ever(
    provider: Provider, tokens: Tokens, clock: _Clock
) -> None:
    tokens.caller(provider.token())
    provider.away = True
    clock.now += FRESH_S * 2
    assert tokens.caller(provider.token()).user == "user:default/jane"
    clock.now += STALE_S
    with pytest.raises(Unauthenticated):
        tokens.caller(provider.token())
    provider.away = False
    clock.now += ASK_AGAIN_S
    assert tokens.caller(provider.token()).user == "user:default/jane"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": 7}',
        b'{"keys": [7, {}, {"kty": "oct", "k": "AAAA", "kid": "one"}]}',
        b"\xff",
        b"x" * 300_000,
    ],
)
def test_nonsense_in_the_place_of_keys_lets_nobody_in(
    provider: Provider, tokens: Tokens, body: bytes
) -> None:
    provider.body = body
    with pytest.raises(Unauthenticated):
        tokens.caller(provider.token())
