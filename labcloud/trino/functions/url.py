"""URL functions. Source: https://trino.io/docs/current/functions/url.html

Trino reads URLs with java.net.URI (RFC 2396 with the deviations that its documentation tells) and
encodes as Guava's urlFormParameterEscaper.
"""

from __future__ import annotations

import functools
import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote as percent
from urllib.parse import unquote

from labcloud.trino.functions.emit import bounded, invalid, length_of, nullable, python
from labcloud.trino.functions.registry import scalar

_UNRESERVED = r"A-Za-z0-9\-_.!~*'()"
_ESCAPED = r"%[0-9A-Fa-f]{2}"


def _characters(allowed: str) -> re.Pattern[str]:
    """Match a text of ASCII `allowed`, escapes, and what is not ASCII."""
    return re.compile(rf"(?:[{_UNRESERVED}{allowed}\x80-\U0010ffff]|{_ESCAPED})*")


_ANY = _characters(r";/?:@&=+$,\[\]")
_PATH = _characters(";/:@&=+$,")
_REGISTRY = _characters("$,;:@&=+")
_USER = _characters(";:&=+$,")
_SCHEME = re.compile(r"([^/?#:]*):")
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*(?P<last>[A-Za-z0-9][A-Za-z0-9-]*)\.?"
)
_IPV4 = re.compile(r"(\d+)\.(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Uri:
    """The parts of a URI, raw; None where a part is missing."""

    scheme: str | None = None
    host: str | None = None
    port: int = -1
    path: str | None = None
    query: str | None = None
    fragment: str | None = None


class _Malformed(Exception):
    pass


def _check(pattern: re.Pattern[str], text: str) -> str:
    """Return a text that has only the characters it may have."""
    odd = any(unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cc") for c in text if c > "\x7f")
    if odd or not pattern.fullmatch(text):
        raise _Malformed
    return text


def _parse(text: str) -> Uri:
    """Read a URI as java.net.URI's parser does. Raises _Malformed."""
    main, mark, fragment = text.partition("#")
    shard = _check(_ANY, fragment) if mark else None
    scheme = None
    if found := _SCHEME.match(main):
        scheme = found[1]
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
            raise _Malformed
        main = main[found.end() :]
        if not main.startswith("/"):
            if not main:
                raise _Malformed
            _check(_ANY, main)
            return Uri(scheme, fragment=shard)
    host, port = None, -1
    if main.startswith("//"):
        authority = re.split(r"[/?]", main[2:], maxsplit=1)[0]
        if not authority and len(main) == 2 and not mark:
            raise _Malformed
        host, port = _authority(authority)
        main = main[2 + len(authority) :]
    path, mark, query = main.partition("?")
    return Uri(
        scheme, host, port, _check(_PATH, path), _check(_ANY, query) if mark else None, shard
    )


def _authority(text: str) -> tuple[str | None, int]:
    """Return host and port; (None, -1) where the authority is not a server's."""
    registry = bool(_REGISTRY.fullmatch(text))
    try:
        return _server(text)
    except _Malformed:
        if not registry:
            raise
        _check(_REGISTRY, text)
        return None, -1


def _server(text: str) -> tuple[str | None, int]:
    if not text:
        return None, -1
    user, mark, rest = text.partition("@")
    if mark:
        _check(_USER, user)
    else:
        rest = text
    if rest.startswith("["):
        inside, mark, tail = rest[1:].partition("]")
        try:
            ipaddress.IPv6Address(inside)
        except ValueError:
            raise _Malformed from None
        if not mark:
            raise _Malformed
        host = f"[{inside}]"
    else:
        host, mark, tail = rest.partition(":")
        tail = mark + tail
        _check_host(host)
    if tail and not re.fullmatch(r":\d*", tail):
        raise _Malformed
    port = int(tail[1:]) if len(tail) > 1 else -1
    if port > 2**31 - 1:
        raise _Malformed
    return host, port


def _check_host(host: str) -> None:
    address = _IPV4.fullmatch(host)
    if address and all(int(part) <= 255 for part in address.groups()):
        return
    found = _HOST.fullmatch(host)
    if not found or found["last"].endswith("-"):
        raise _Malformed
    if found.start("last") > 0 and not found["last"][0].isalpha():
        raise _Malformed


@functools.lru_cache(256)
def parse(text: str) -> Uri | None:
    """Return a URI's parts; None if it is malformed."""
    try:
        return _parse(text)
    except _Malformed:
        return None


def _decoded(part: str | None) -> str:
    return unquote(part, errors="replace") if part else ""


@nullable
def url_extract_protocol(url: str) -> str | None:
    """Return the scheme."""
    uri = parse(url)
    return None if uri is None else uri.scheme or ""


@nullable
def url_extract_host(url: str) -> str | None:
    """Return the host."""
    uri = parse(url)
    return None if uri is None else uri.host or ""


@nullable
def url_extract_port(url: str) -> int | None:
    """Return the port."""
    uri = parse(url)
    return None if uri is None or uri.port < 0 else uri.port


@nullable
def url_extract_path(url: str) -> str | None:
    """Return the path, decoded."""
    uri = parse(url)
    return None if uri is None else _decoded(uri.path)


@nullable
def url_extract_query(url: str) -> str | None:
    """Return the query, decoded."""
    uri = parse(url)
    return None if uri is None else _decoded(uri.query)


@nullable
def url_extract_fragment(url: str) -> str | None:
    """Return the fragment, decoded."""
    uri = parse(url)
    return None if uri is None else _decoded(uri.fragment)


@nullable
def url_extract_parameter(url: str, name: str) -> str | None:
    """Return the first value of a parameter of the query."""
    uri = parse(url)
    if uri is None or uri.query is None:
        return None
    for pair in uri.query.split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return url_decode(value)
    return None


def url_encode(text: str) -> str:
    """Escape for a parameter's name or value."""
    return percent(text, safe="-_.* ").replace("~", "%7E").replace(" ", "+")


def url_decode(text: str) -> str:
    """Decode what was escaped for a URL, as java.net.URLDecoder does."""
    parts = re.split(r"((?:%..)+)", text, flags=re.DOTALL)
    return "".join(_octets(part) if index % 2 else _plain(part) for index, part in enumerate(parts))


def _plain(part: str) -> str:
    if "%" in part:
        raise invalid("URLDecoder: Incomplete trailing escape (%) pattern")
    return part.replace("+", " ")


def _octets(escapes: str) -> str:
    octets = bytearray()
    for at in range(0, len(escapes), 3):
        octets.append(_octet(escapes[at + 1 : at + 3]))
    return octets.decode(errors="replace")


def _octet(digits: str) -> int:
    """Read two hexadecimal digits as Java's Integer.parseInt does, which takes a sign."""
    message = "URLDecoder: Illegal hex characters in escape (%) pattern - "
    number = digits[1:] if digits[0] in "+-" else digits
    for char in number:
        if char not in "0123456789abcdefABCDEF":
            raise invalid(f'{message}Error at index {digits.index(char)} in: "{digits}"')
    if digits[0] == "-" and int(number, 16):
        raise invalid(f"{message}negative value")
    return int(number, 16)


for _function in (
    url_extract_protocol,
    url_extract_host,
    url_extract_path,
    url_extract_query,
    url_extract_fragment,
    url_decode,
):
    scalar(_function.__name__, "varchar(x)", "varchar(x)", python(_function))
scalar("url_extract_port", "varchar(x)", "bigint", python(url_extract_port))
scalar(
    "url_extract_parameter", "varchar(x), varchar(y)", "varchar(x)", python(url_extract_parameter)
)
scalar(
    "url_encode",
    "varchar(x)",
    lambda kinds: bounded(length_of(kinds[0]) * 12),
    python(url_encode),
)
