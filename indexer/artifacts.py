"""What the ids of artifacts give away: package URLs, image names, plain names.

https://github.com/package-url/purl-spec: `pkg:type/namespace/name@version?qualifiers#subpath`.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

_MOST_CHARACTERS = 4096


def version_of(artifact: str) -> str | None:
    """The version an artifact id names: its tag, else what follows `@` or the last `:`.

    >>> version_of("pkg:oci/checkout@sha256%3Aab12?tag=5.11.0"), version_of("registry.io:443/checkout:1.2")
    ('5.11.0', '1.2')
    """
    path, _, query = artifact.partition("?")
    tag = parse_qs(query).get("tag") if query and len(query) < _MOST_CHARACTERS else None
    if tag:
        return tag[0]
    path = unquote(path)
    if "@" in path:
        return path.rpartition("@")[2] or None
    last = path.rpartition("/")[2]
    return (
        (last.rpartition(":")[2] or None)
        if ":" in last and not path.startswith("pkg:" + last)
        else None
    )


def name_of(artifact: str) -> str:
    """What an artifact is called, without version, registry and organisation; empty when it names nothing.

    >>> name_of("pkg:oci/checkout@sha256%3Aab12"), name_of("registry.io:443/shop/cart:1.2"), name_of("cart")
    ('checkout', 'cart', 'cart')
    """
    path = artifact.partition("?")[0].partition("#")[0]
    path = unquote(path[:_MOST_CHARACTERS]).partition("@")[0].rstrip("/")
    return path.rpartition("/")[2].removeprefix("pkg:").partition(":")[0]
