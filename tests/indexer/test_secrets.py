"""Secrets are masked before anything reads them, wherever they stand; what only looks odd stays.

Tokens are drawn here rather than written down: a repository that holds their like is stopped by the scanners of others.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_store.embedder import Embedder
from catalog_store.journal import Delivery, Journal
from catalog_store.publish import publish
from indexer.build import read_catalog
from indexer.memory import ReadMemory
from indexer.secrets import mask
from tests.indexer.support import NOW, build, component, problems, write

WORD = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + "234567"
HEX = "0123456789abcdef"
BASE64 = WORD + "+/"


def drawn(alphabet: str, length: int, seed: int = 1) -> str:
    """Characters as a generator of tokens draws them: a digit and a letter are always among them."""
    some = random.Random(f"{alphabet} {length} {seed}").choices(alphabet, k=length - 4)
    return "".join([*some, *(c for c in "7k3Z9q2W" if c in alphabet)])[:length].ljust(
        length, alphabet[-1]
    )


@dataclass(frozen=True)
class Case:
    id: str
    before: str
    secret: str
    after: str
    kind: str


def token(kind: str, prefix: str, alphabet: str, length: int) -> Case:
    return Case(f"{kind} {prefix}", "as ", prefix + drawn(alphabet, length), " here", kind)


CASES = [
    token("aws-key", "AKIA", UPPER, 16),
    token("github-token", "ghp_", WORD, 36),
    token("github-token", "github" + "_pat_", WORD, 82),
    token("gitlab-token", "glpat-", WORD, 20),
    token("slack-token", "xox" + "b-123456789012-123456789012-", WORD, 24),
    token("slack-token", "xapp-1-A0123456789-1234567890123-", HEX, 64),
    token("stripe-key", "sk_" + "live_", WORD, 24),
    token("webhook-secret", "whsec_", BASE64, 32),
    token("google-key", "AIza", WORD, 35),
    token("google-key", "GOCSPX-", WORD, 28),
    token("model-key", "sk-ant-api03-", WORD, 90),
    token("model-key", "sk-proj-", WORD, 60),
    token("model-key", "hf_", WORD, 34),
    token("registry-token", "npm_", WORD, 36),
    token("registry-token", "pypi-AgEIcHlwaS5vcmc", WORD, 80),
    token("vault-token", "hvs.", WORD, 90),
    token("pulumi-token", "pul-", HEX, 40),
    token("grafana-token", "glsa_" + drawn(WORD, 32) + "_", HEX, 8),
    token("newrelic-key", "NRAK-", UPPER, 27),
    token("digitalocean-token", "dop_v1_", HEX, 64),
    token("databricks-token", "dapi", HEX, 32),
    token("atlassian-token", "ATATT3", WORD, 180),
    token("sendgrid-key", "SG." + drawn(WORD, 22) + ".", WORD, 43),
    token("json-web-token", "eyJ" + drawn(WORD, 20) + ".eyJ" + drawn(WORD, 60) + ".", WORD, 43),
    Case("Slack webhook", "https://hooks.slack.com/services/", f"T0{drawn(UPPER, 8)}/B0{drawn(UPPER, 8)}/{drawn(WORD, 24)}", "", "webhook-address"),
    Case("secret key of AWS", "aws_secret_access_key = ", drawn(BASE64, 40), "", "aws-key"),
    Case("storage account", "AccountName=x;AccountKey=", drawn(BASE64, 86) + "==", ";", "azure-key"),
    Case("signed address", "https://x.blob.core.windows.net/y?sv=1&sig=", drawn(WORD, 43), "&se=1", "signed-address"),
    Case("connection string", "postgres://app:", "tr0ub4dor&3x", "@db.internal:5432/app", "password"),
    Case("connection string of a queue", "redis://:", drawn(WORD, 20), "@cache:6379/0", "password"),
    Case("header", "Authorization: Bearer ", drawn(WORD, 40), "", "credential"),
    Case("header of curl", 'curl -H "Authorization: Basic ', drawn(WORD, 32), '" https://x.y', "credential"),
    Case("variable", "export DB_PASSWORD=", drawn(WORD, 24), "", "credential"),
    Case("YAML", "apiKey: ", drawn(HEX, 32), "", "credential"),
    Case("JSON in JSON", '{"body": "{\\"api_key\\": \\"', drawn(WORD, 40), '\\"}"}', "credential"),
    Case("option", "--token=", drawn(WORD, 40), " --yes", "credential"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_secrets_are_masked(case: Case, encoding: str) -> None:
    text = f"# é\n\n{case.before}{case.secret}{case.after}\nlast\n"
    masked, found = mask(text.encode(encoding))
    assert masked.decode(encoding) == text.replace(case.secret, f"(masked-{case.kind})")
    assert [(one.kind, one.line) for one in found] == [(case.kind, 3)]


NONE = [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 broke it",
    "sha256:" + drawn(HEX, 64),
    "image: registry.local/app@sha256:" + drawn(HEX, 64),
    "integrity sha512-" + drawn(BASE64, 86) + "==",
    "id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "token: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "secretName: payments-api-token",
    "secret: payments/prod/stripe-webhook-2",
    "password: ${{ secrets.DB_PASSWORD }}",
    "password: <your-password-here>",
    "API_KEY=your_api_key_goes_here_123",
    "token: xxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "AKIAIOSFODNN7EXAMPLE",
    "postgres://user:password@localhost/db",
    "postgres://$USER:$PASS@localhost/db",
    "https://example.org:8443/path@home",
    "https://zoom.us/j/97008974781?pwd=" + drawn(WORD, 32),
    "pagerduty.com/service-id: PX7K3QZ9",
    "the token bucket refills 100 tokens a second",
    "tokenizer: all-MiniLM-L6-v2-quantized",
    "-----BEGIN CERTIFICATE-----\n" + drawn(BASE64, 64) + "\n-----END CERTIFICATE-----",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-Ab12Cd",
    "monkey: " + drawn(WORD, 32),
]


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_odd_stays(text: str) -> None:
    assert mask(text.encode()) == (text.encode(), ())


PRIVATE_KEY = "\n".join(
    ["-----BEGIN RSA " + "PRIVATE KEY-----", *(drawn(BASE64, 64, n) for n in range(25)), "-----END RSA " + "PRIVATE KEY-----"]
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        f"a\n{PRIVATE_KEY}\nb\n",
        "a\n" + PRIVATE_KEY.replace("\n", "\n    ") + "\nb\n",
        "a\n" + PRIVATE_KEY.replace("\n", "\\n") + "\nb\n",
        "a\n" + PRIVATE_KEY.rpartition("\n")[0] + "\nb\n",
    ],
    ids=["plain", "indented", "escaped", "its end is missing"],
)
def test_a_private_key_goes_whole_and_lines_stay(text: str) -> None:
    masked, found = mask(text.encode())
    assert drawn(BASE64, 64, 3) not in masked.decode()
    assert drawn(BASE64, 64, 24) not in masked.decode()
    assert masked.count(b"\n") == text.count("\n")
    assert masked.endswith(b"\nb\n")
    assert [(one.kind, one.line) for one in found] == [("private-key", 2)]


@given(
    st.lists(
        st.sampled_from(
            [b"token: ", b"-----BEGIN PRIVATE KEY-----", b"-----END PRIVATE KEY-----", b"\n", b"\r\n", b"://a:", b"@b",
             b"eyJ", b".", drawn(WORD, 36).encode(), b"ghp_", b"\xff\xfe", b"\x00", b"'"]
        )
        | st.binary(max_size=20),
        max_size=20,
    ).map(b"".join)
)  # fmt: skip
def test_any_bytes_keep_their_lines_and_are_masked_once(data: bytes) -> None:
    masked, found = mask(data)
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert masked.count(b"\n") == data.count(b"\n")
    assert bool(found) == (masked != data)
    assert mask(masked)[0] == masked


SECRET = "ghp_" + drawn(WORD, 36, 7)

READERS: dict[str, Callable[[str], dict[str, str | bytes]]] = {
    "page.md:3": lambda s: {"page.md": f"# Keys\n\nUse {s} for it.\n"},
    "a.yaml:5": lambda s: {"a.yaml": component("x", metadata=f"description: with {s}")},
    "b.yaml:9": lambda s: {"b.yaml": component("y", f"definition:\n  $text: ./c.txt\nowner: {s}"), "c.txt": "none"},
    "d.yaml:7": lambda s: {"d.yaml": component("z", "definition:\n  $text: ./e.txt"), "e.txt": f"openapi\n{s}"},
    "t.csv:2": lambda s: {"t.csv": f"entity_ref,note\ncomponent:default/x,{s}\n"},
    "t.json:2": lambda s: {"t.json": f'[{{"entity_ref": "component:default/x",\n"note": "{s}"}}]'},
}  # fmt: skip


def test_every_reader_masks_and_reports(tmp_path: Path, embedder: Embedder) -> None:
    inputs = {name: text for reader in READERS.values() for name, text in reader(SECRET).items()}
    root = write(tmp_path / "root", inputs)
    store = tmp_path / "store"
    with ReadMemory(_folder(store) / "read.sqlite") as memory:
        content = read_catalog([root], now=NOW, memory=memory)
    found = {line.split()[2] for line in problems(content) if "secret-masked" in line}
    assert found >= READERS.keys()
    publish(store, content, now=NOW, embedder=embedder)
    for path in store.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert any("masked-github-token" in passage.text for passage in content.passages)


def test_events_are_masked(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    body = f'{{"event": {{"event_type": "incident.triggered", "data": {{"id": "Q1", "type": "incident", "title": "leaked {SECRET}"}}}}}}'
    journal.append(Delivery("pagerduty", "1", NOW, body))
    content = read_catalog([], now=NOW, journal=journal)
    assert SECRET not in repr(content)


def test_the_message_does_not_hold_the_secret(tmp_path: Path) -> None:
    content = build(tmp_path, {"page.md": f"# Keys\n\n{SECRET}\n"})
    (message,) = (p.message for p in content.problems if p.code == "secret-masked")
    assert SECRET not in message
    assert "revoke it" in message


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
