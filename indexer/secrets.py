"""Tokens, keys and passwords in what is indexed: masked before anything reads the file, so that nothing can show them.

Issuers give their tokens prefixes for exactly this, and those are taken by their shape. Everything else is taken only where
a word such as *password* introduces it and the value looks drawn at random: checksums, UUIDs and names are no secrets, and
a page that lost them would be worse than none. Bytes in, bytes out, line by line as they were.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """One masked place.

    Attributes:
        kind: what it looks like, in kebab case ("github-token").
        line: counted from 1.
    """

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """One kind of secret.

    Attributes:
        kind: its name.
        needles: any of them stands in every text that holds one, in lower case: most texts need no further look.
        pattern: finds it; what its group `secret` holds is masked, or all of it when there is no such group.
        judge: whether a match is one after all.
    """

    kind: str
    needles: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    judge: Callable[[bytes], bool]


_STAND_INS = re.compile(
    rb"example|sample|placeholder|redacted|masked|changeme|change[-_]me|dummy|your|x{4}|\*{3}|\.{3}|0{6}|1{6}|123456|abcdef"
    rb"|[<>{}$%]|todo|secret|password|fake|test",
    re.IGNORECASE,
)
"""Parts of values that documentation puts where a secret would stand."""

_HEX = re.compile(rb"[0-9a-fA-F-]+")
_WORDS = re.compile(rb"[A-Za-z]{0,15}(?:[-_./:=][A-Za-z]{0,15})*[0-9]{0,4}")
"""payments-api-token, application/json2: written by a person."""

_LEAST_BITS = 3.0
"""Of Shannon entropy a character, in a value of 16 characters or more; 16 random hex digits hold about 3.3."""


def _bits(value: bytes) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _drawn(value: bytes) -> bool:
    """Whether a token of a known shape is more than a stand-in: `ghp_xxxxxxxx…` is none."""
    body = value.rsplit(b"_", 1)[-1] or value
    return _bits(body[-24:]) >= 2.5 and b"EXAMPLE" not in value.upper()


def _random(value: bytes) -> bool:
    """Whether a value behind a word like *token* looks drawn at random, not written."""
    if _STAND_INS.search(value) or _WORDS.fullmatch(value) or _bits(value) < _LEAST_BITS:
        return False
    digits = sum(48 <= c <= 57 for c in value)
    letters = sum(65 <= c <= 90 or 97 <= c <= 122 for c in value)
    if _HEX.fullmatch(value):
        return (
            digits >= 2 and letters >= 2 and value.count(b"-") != 4
        )  # 4 hyphens: a UUID names something
    return digits >= 2 and letters >= 4 and _changes(value) >= len(value) // 5


def _changes(value: bytes) -> int:
    """How often the class of a character differs from the one before: seldom in what a person makes up of words."""
    classes = [
        0 if 48 <= c <= 57 else 1 if 65 <= c <= 90 else 2 if 97 <= c <= 122 else 3 for c in value
    ]
    return sum(a != b for a, b in itertools.pairwise(classes))


def _spoken(value: bytes) -> bool:
    """Whether a password in an address is one, rather than what stands for it."""
    return len(value) >= 6 and not _STAND_INS.search(value) and not _HEX.fullmatch(value[:2] * 8)


_BEFORE, _AFTER = rb"(?<![A-Za-z0-9_-])", rb"(?![A-Za-z0-9_-])"


def _token(kind: str, needles: str, pattern: str) -> _Shape:
    """A token that its issuer's prefix gives away."""
    whole = re.compile(_BEFORE + pattern.encode() + _AFTER)
    return _Shape(kind, tuple(n.encode() for n in needles.split()), whole, _drawn)


# PASSWORD=…, "api_key": "…", apiToken: …; but not the pass code of a meeting's address, which is there to be shared: ?pwd=…
_ASSIGNMENT = re.compile(
    rb"(?i)(?:pass(?:word|wd|phrase)|(?<![?&a-z])pwd|secret|token|(?:api|access|secret|private|auth|routing|integration|account)[-_ ]?key"
    rb"|credential)"
    + rb"""\\?["']?[ \t]*(?:=>?|:=?)[ \t]*\\?["']?(?P<secret>[a-z0-9+/_~.=-]{16,256})(?![a-z0-9+/_~.=({\[-])"""
)

# Up to its end; when that is missing, as long as what follows looks like one.
_PRIVATE_KEY = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rb"(?:(?:(?!-----)[^\x00]){0,16384}?-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rb"|(?:\s*[A-Za-z0-9+/=]{20,80}(?=\s|$)){1,200})"
)


def _any(_value: bytes) -> bool:
    return True


_SHAPES: tuple[_Shape, ...] = (
    _Shape("private-key", (b"private key",), _PRIVATE_KEY, _any),
    _token("aws-key", "akia asia abia acca", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    _Shape(
        "aws-key",
        (b"aws_secret", b"awssecret", b"aws-secret", b"secretaccesskey", b"secret_access_key"),
        re.compile(
            rb"(?i)secret_?-?access_?-?key[\"']?[ \t]*[:=][ \t]*[\"']?(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
        ),
        _drawn,
    ),
    _token("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _token("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
    _token(
        "gitlab-token",
        "glpat- gldt- glft- glsoat- glrt- glcbt- glimt- glptt- glagent- gloas-",
        r"gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-[A-Za-z0-9_.-]{20,512}",
    ),
    _token("slack-token", "xox", r"xox[abceoprs]-[0-9]{6,}-[A-Za-z0-9-]{16,256}"),
    _token("slack-token", "xapp-", r"xapp-[0-9]-[A-Z0-9]+-[0-9]+-[a-f0-9]{32,}"),
    _Shape(
        "webhook-address",
        (b"hooks.slack.com/",),
        re.compile(
            rb"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9]{8,}/[A-Za-z0-9/]{16,})"
        ),
        _drawn,
    ),
    _Shape(
        "webhook-address",
        (b"/api/webhooks/",),
        re.compile(rb"discord(?:app)?\.com/api/webhooks/(?P<secret>[0-9]{15,}/[A-Za-z0-9_-]{50,})"),
        _drawn,
    ),
    _Shape(
        "webhook-address",
        (b"webhook.office.com/",),
        re.compile(
            rb"webhook\.office\.com/webhookb2/(?P<secret>[A-Za-z0-9@-]{36,}/IncomingWebhook/[A-Za-z0-9/-]{32,})"
        ),
        _drawn,
    ),
    _token("stripe-key", "_live_ _test_", r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,255}"),
    _token("webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/]{24,128}={0,2}"),
    _token("google-key", "aiza", r"AIza[A-Za-z0-9_-]{35}"),
    _token("google-key", "gocspx-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _token("google-token", "ya29.", r"ya29\.[A-Za-z0-9_-]{40,512}"),
    _token("model-key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{32,255}"),
    _token(
        "model-key",
        "sk-proj- sk-svcacct- sk-admin-",
        r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{32,255}",
    ),
    _token("model-key", "t3blbkfj", r"sk-[A-Za-z0-9]{16,24}T3BlbkFJ[A-Za-z0-9]{16,24}"),
    _token("model-key", "hf_", r"hf_[A-Za-z0-9]{34,40}"),
    _token("registry-token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _token("registry-token", "pypi-ag", r"pypi-Ag[A-Za-z0-9_-]{50,512}"),
    _token("registry-token", "dckr_pat_", r"dckr_pat_[A-Za-z0-9_-]{27}"),
    _token("registry-token", "rubygems_", r"rubygems_[a-f0-9]{48}"),
    _token("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{24,512}"),
    _token("terraform-token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,100}"),
    _token("pulumi-token", "pul-", r"pul-[a-f0-9]{40}"),
    _token("grafana-token", "glsa_", r"glsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}"),
    _token("grafana-token", "glc_", r"glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _token("newrelic-key", "nrak-", r"NRAK-[A-Z0-9]{27}"),
    _token("sentry-token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_]{40,512}"),
    _token("digitalocean-token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
    _token("databricks-token", "dapi", r"dapi[a-f0-9]{32}(?:-[0-9])?"),
    _token("atlassian-token", "atatt3", r"ATATT3[A-Za-z0-9_=-]{80,300}"),
    _token("linear-key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _token("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _token("sendgrid-key", "sg.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    _token("postman-key", "pmak-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _token("tailscale-key", "tskey-", r"tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
    _token(
        "age-key", "age-secret-key-1", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"
    ),
    _token("telegram-token", ":aa", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    _token(
        "json-web-token",
        "eyj",
        r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,1000}",
    ),
    _Shape(
        "azure-key",
        (b"accountkey=", b"sharedaccesskey="),
        re.compile(rb"(?i)(?:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/]{40,90}={0,2})"),
        _drawn,
    ),
    _Shape(
        "signed-address",
        (b"sig=", b"x-amz-signature="),
        re.compile(rb"(?i)[?&](?:sig|X-Amz-Signature)=(?P<secret>[A-Za-z0-9%+/]{32,128}={0,2})"),
        _drawn,
    ),
    _Shape(
        "password",
        (b"://",),
        # postgres://user:password@host
        re.compile(
            rb"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:/@?#\"'<>]{0,64}:(?P<secret>[^\s:/@\"'<>]{6,128})@(?=[A-Za-z0-9\[])"
        ),
        _spoken,
    ),
    _Shape(
        "credential",
        (b"authorization", b"bearer "),
        re.compile(
            rb"(?i)(?:authorization\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?(?:basic|token|bearer)|bearer)[ \t]+(?P<secret>[A-Za-z0-9+/_.~-]{20,512}={0,2})"
        ),
        _random,
    ),
    _Shape(
        "credential",
        (b"pass", b"pwd", b"secret", b"token", b"key", b"credential"),
        _ASSIGNMENT,
        _random,
    ),
)

_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
"""Marks of UTF-16 and UTF-32, whose text no pattern over bytes sees."""


def mask(data: bytes) -> tuple[bytes, tuple[Secret, ...]]:
    r"""Put `(masked-…)` in the place of every secret; lines stay where they are.

    Returns:
        The text, unchanged when nothing was found, and what was masked in order of its line.

    >>> mask(b"a\nkey: ghp_R8wz1mQ7aYt3kLp9XcVb2NdF6gHj4sTuWe0o\n")
    (b'a\nkey: (masked-github-token)\n', (Secret(kind='github-token', line=2),))
    """
    if data.startswith(_WIDE):
        return _mask_wide(data)
    lowered = data.lower()
    found: list[Secret] = []
    for shape in _SHAPES:
        if any(needle in lowered for needle in shape.needles):
            data = _put(shape, data, found)
    return data, tuple(sorted(found, key=lambda secret: (secret.line, secret.kind)))


def _mask_wide(data: bytes) -> tuple[bytes, tuple[Secret, ...]]:
    encoding = "utf-32" if data[:4] in {b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"} else "utf-16"
    text, found = mask(data.decode(encoding, errors="replace").encode("utf-8", "replace"))
    return (text.decode().encode(encoding), found) if found else (data, ())


def _put(shape: _Shape, data: bytes, found: list[Secret]) -> bytes:
    pieces: list[bytes] = []
    last = 0
    for first, end in _places(shape, data):
        pieces += [data[last:first], b"(masked-%s)" % shape.kind.encode(), _breaks(data[first:end])]
        found.append(Secret(shape.kind, data.count(b"\n", 0, first) + 1))
        last = end
    return b"".join([*pieces, data[last:]]) if pieces else data


def _places(shape: _Shape, data: bytes) -> Iterator[tuple[int, int]]:
    group: str | int = "secret" if "secret" in shape.pattern.groupindex else 0
    for match in shape.pattern.finditer(data):
        if shape.judge(match[group]):
            yield match.span(group)


def _breaks(masked: bytes) -> bytes:
    """The line ends inside of what was masked, so that what follows keeps its line."""
    return b"\n" * masked.count(b"\n")
