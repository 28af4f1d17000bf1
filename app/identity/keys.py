"""API keys: 256 random bits each, of which the settings hold only a salted HMAC-SHA256.

A slow hash such as Argon2 protects passwords, which people choose and which can be guessed. These keys cannot be guessed, so it would
protect nothing, and cost every request some fifty milliseconds that anybody could make the server spend.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from app.callers import Caller

PREFIX = "cb"
"""Begins every key, so that scanners for leaked secrets know one when they see it."""

_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{8}})_([A-Za-z0-9_-]{{43}})")
"""For example "cb_3f2a9c1d_" and 43 characters: an id, and 32 random bytes in base64."""

_HASH = re.compile(rf"({PREFIX}_[0-9a-f]{{8}}):hmac-sha256:([0-9a-f]{{32}}):([0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key, and who comes with it.

    Attributes:
        id: the key's beginning, which tells keys apart and is no secret.
        salt, digest: HMAC-SHA256 of the key under the salt.
        caller: who comes with it.
    """

    id: str
    salt: bytes
    digest: bytes
    caller: Caller

    @classmethod
    def read(cls, line: str, caller: Caller) -> ApiKey:
        """From the line that `new_key` gave.

        Raises:
            ValueError: it is no such line.
        """
        found = _HASH.fullmatch(line)
        if found is None:
            raise ValueError
        return cls(found[1], bytes.fromhex(found[2]), bytes.fromhex(found[3]), caller)

    def fits(self, key: str) -> bool:
        """Whether it is this key; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(_digest(self.salt, key), self.digest)


def new_key() -> tuple[str, str]:
    """A fresh key, and the line for the settings; the key itself is kept nowhere.

    >>> key, line = new_key()
    >>> ApiKey.read(line, Caller()).fits(key)
    True
    """
    id_ = f"{PREFIX}_{secrets.token_hex(4)}"
    key = f"{id_}_{secrets.token_urlsafe(32)}"
    salt = secrets.token_bytes(16)
    return key, f"{id_}:hmac-sha256:{salt.hex()}:{_digest(salt, key).hex()}"


def is_key(text: str) -> bool:
    """Whether a text has the shape of a key."""
    return _KEY.fullmatch(text) is not None


def id_of(key: str) -> str:
    """The part of a key that is no secret."""
    return key[: len(PREFIX) + 9]


def _digest(salt: bytes, key: str) -> bytes:
    return hmac.new(salt, key.encode(), hashlib.sha256).digest()
