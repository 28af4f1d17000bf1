"""Bytes → text: UTF-8, with or without a byte order mark, and UTF-16 or UTF-32 with one."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its little-endian mark starts with the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(ValueError):
    """Bytes that are no text in a known encoding.

    Attributes:
        line: the line of the first bad byte, counted from 1.
        reason: what was wrong and what was expected, as a sentence without a full stop.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def decode(data: bytes) -> str:
    r"""Read text strictly; line ends become `\n`.

    >>> decode("naïve\r\n".encode("utf-16"))
    'naïve\n'

    Raises:
        NotText: the bytes are neither UTF-8 nor UTF-16/32 with a byte order mark.
    """
    encoding = encoding_of(data)
    try:
        return _one_newline(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = (
            f"the bytes are not {encoding.removesuffix('-sig').upper()} (byte {error.start} is "
            f"0x{data[error.start]:02x}); save the file as UTF-8"
        )
        raise NotText(line, reason) from error


def decode_leniently(data: bytes) -> str:
    r"""Read text whatever the bytes are; what is not text becomes the replacement character.

    >>> decode_leniently(b"caf\xe9")
    'caf\ufffd'
    """
    return _one_newline(data.decode(encoding_of(data), errors="replace"))


def encoding_of(data: bytes) -> str:
    """The encoding a byte order mark names; UTF-8 without one."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")


def _one_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
