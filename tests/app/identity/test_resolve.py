"""Who a request is from: keys, headers of proxies, and what is refused rather than taken for nobody's."""

from __future__ import annotations

import pytest

from app.callers import ANYONE, Caller
from app.identity.keys import ApiKey, id_of, is_key, new_key
from app.identity.resolve import Identities
from app.identity.settings import Access, read_access
from catalog_store.errors import Unauthenticated, UserError

JANE = Caller("user:default/jane", frozenset({"group:default/payments"}), frozenset({"admin"}))
KEY, LINE = new_key()
ACCESS = read_access(
    {
        "anonymous": True,
        "keys": [
            {"hash": LINE, "name": "ci", "user": "jane", "groups": ["payments"], "roles": "admin"}
        ],
        "proxy": {"from": ["10.0.0.0/8", "::1"], "user_header": "X-User"},
    },
    "test",
)


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY} "}, {"x-api-key": KEY}],
)
def test_a_key_brings_its_caller(headers: dict[str, str]) -> None:
    assert Identities(ACCESS).caller(headers, "192.0.2.1") == JANE


OTHER, _ = new_key()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"x-api-key": OTHER}, id="another key"),
        pytest.param({"x-api-key": id_of(KEY) + OTHER[11:]}, id="another secret"),
        pytest.param({"x-api-key": KEY[:-1]}, id="cut off"),
        pytest.param({"x-api-key": KEY.upper()}, id="in capitals"),
        pytest.param({"x-api-key": ""}, id="empty"),
        pytest.param({"x-api-key": LINE}, id="the line of the settings"),
        pytest.param({"authorization": f"Basic {KEY}"}, id="basic"),
        pytest.param({"authorization": "Bearer"}, id="bearer of nothing"),
        pytest.param({"authorization": "Bearer a.b.c"}, id="no token"),
        pytest.param({"authorization": f"Bearer {OTHER}", "x-user": "jane"}, id="beside a header"),
    ],
)
def test_bad_credentials_never_make_an_anonymous_caller(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated) as raised:
        Identities(ACCESS).caller(headers, "10.0.0.1")
    assert KEY not in str(raised.value)
    assert OTHER not in str(raised.value)


def test_keys_are_unlike_each_other_and_their_hashes_say_nothing() -> None:
    keys = {new_key() for _ in range(20)}
    assert len({key for key, _ in keys}) == 20
    for key, line in keys:
        assert is_key(key)
        assert key[12:] not in line
        read = ApiKey.read(line, ANYONE)
        assert read.fits(key)
        assert key not in repr(read)


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("10.1.2.3", {"x-user": "Jane"}, Caller("user:default/jane")),
        ("::ffff:10.1.2.3", {"x-user": "jane"}, Caller("user:default/jane")),
        (
            "::1",
            {
                "x-user": "user:eu/jane",
                "x-forwarded-groups": "a, group:eu/b",
                "x-forwarded-roles": "r",
            },
            Caller("user:eu/jane", frozenset({"group:default/a", "group:eu/b"}), frozenset({"r"})),
        ),
        ("10.1.2.3", {}, ANYONE),
        ("192.0.2.1", {"x-user": "jane"}, ANYONE),
        (None, {"x-user": "jane"}, ANYONE),
        ("not an address", {"x-user": "jane"}, ANYONE),
        ("10.1.2.3", {"x-forwarded-user": "jane"}, ANYONE),
    ],
)
def test_headers_count_only_from_the_proxy(
    peer: str | None, headers: dict[str, str], expected: Caller
) -> None:
    assert Identities(ACCESS).caller(headers, peer) == expected


def test_a_proxy_that_names_nonsense_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="no entity reference"):
        Identities(ACCESS).caller({"x-user": "a b"}, "10.0.0.1")


def test_nobody_may_come_without_credentials_where_that_is_said() -> None:
    with pytest.raises(Unauthenticated, match="only with credentials"):
        Identities(Access(anonymous=False)).caller({}, "192.0.2.1")


def test_believed_callers_may_name_themselves_from_anywhere() -> None:
    believing = Identities(Access(anonymous=False), trust_caller=True)
    assert believing.caller({"x-forwarded-user": "jane"}, "192.0.2.1") == Caller(
        "user:default/jane"
    )
    assert believing.caller({}, "192.0.2.1") == ANYONE


@pytest.mark.parametrize(
    ("written", "anonymous"),
    [
        (None, True),
        ({}, True),
        ({"keys": [{"hash": LINE}]}, False),
        ({"proxy": {"from": "10.0.0.1"}}, False),
    ],
)
def test_who_sets_up_credentials_means_them(written: object, anonymous: bool) -> None:
    assert read_access(written, "f").anonymous is anonymous


TOKENS = {"issuer": "https://p", "jwks": "https://p/k", "audience": "a"}


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ([], ("'access' in f",)),
        ({"keys": {}}, ("'access.keys'", "a list")),
        ({"key": []}, ("access.key", "did you mean 'keys'")),
        ({"keys": [{"hash": KEY}]}, ("access.keys[0].hash", "unusable", "callboard key new")),
        ({"keys": [{"hash": LINE, "user": "a b"}]}, ("access.keys[0].user", "'a b'")),
        ({"anonymous": "maybe"}, ("access.anonymous", "yes or no")),
        ({"tokens": [{**TOKENS, "jwks": "http://p/k"}]}, ("access.tokens[0].jwks", "https://")),
        (
            {"tokens": [{**TOKENS, "jwks": "file:///etc/passwd"}]},
            ("access.tokens[0].jwks", "https://"),
        ),
        ({"tokens": [{**TOKENS, "audience": None}]}, ("access.tokens[0].audience", "missing")),
        (
            {"tokens": [{**TOKENS, "algorithms": ["HS256"]}]},
            ("access.tokens[0].algorithms", "'HS256'"),
        ),
        (
            {"tokens": [{**TOKENS, "algorithms": ["none"]}]},
            ("access.tokens[0].algorithms", "'none'"),
        ),
        ({"proxy": {}}, ("access.proxy.from", "missing")),
        ({"proxy": {"from": "everywhere"}}, ("access.proxy.from", "10.0.0.0/8")),
    ],
)
def test_a_mistake_is_named_with_its_place_and_never_with_a_secret(
    written: object, parts: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as raised:
        read_access(written, "f")
    assert all(part in str(raised.value) for part in parts), str(raised.value)
    assert KEY not in str(raised.value)
