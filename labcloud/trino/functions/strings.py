"""String functions. Source: https://trino.io/docs/current/functions/string.html

All count code points. DuckDB's own functions serve where they agree with Trino's, which is
mostly where positions and delimiters are constants; Python's do the rest.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

from labcloud.trino.errors import TrinoError, quote
from labcloud.trino.functions.emit import (
    UNBOUNDED,
    bounded,
    guarded,
    invalid,
    length_of,
    nullable,
    python,
)
from labcloud.trino.functions.registry import Call, scalar
from labcloud.trino.types import INTEGER, Type, char

WHITESPACE = "".join(
    map(chr, (*range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), 0x2008, 0x2009))
) + "".join(map(chr, (0x200A, 0x2028, 0x2029, 0x205F, 0x3000)))
"""What Java's Character.isWhitespace accepts: no no-break spaces."""

_SPACES = quote(WHITESPACE)
_STAND_IN = quote("\ufdd0")
"""A noncharacter, which text does not hold."""


def _text(call: Call, index: int) -> str | None:
    """Return a constant text that is not empty, else None."""
    value = call.args[index].value
    return value if isinstance(value, str) and value else None


def _number(call: Call, index: int) -> int | None:
    """Return a constant from 1 to Java's greatest int, else None."""
    value = call.args[index].value
    return value if isinstance(value, int) and 0 < value <= UNBOUNDED else None


# ---- characters and code points


def to_char(codepoint: int) -> str:
    """Return the character of a code point."""
    if not 0 <= codepoint <= 0x10FFFF or 0xD800 <= codepoint < 0xE000:
        raise invalid(f"Not a valid Unicode code point: {codepoint}")
    return chr(codepoint)


def _chr(call: Call) -> str:
    codepoint = call.args[0].value
    if isinstance(codepoint, int) and 0 <= codepoint < 0xD800:
        return f"chr({codepoint})"
    return python(to_char)(call)


def reverse(text: str) -> str:
    """Reverse the code points."""
    return text[::-1]


def normalize(text: str, form: str) -> str:
    """Return Unicode's normal form."""
    if form not in ("NFD", "NFC", "NFKD", "NFKC"):
        raise invalid("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


_SIZES = ((0x80, 1), (0xC0, -1), (0xE0, 2), (0xF0, 3), (0xF8, 4), (0xFC, 5), (0xFE, 6))
_LEAST = (0, 0, 0x80, 0x800, 0x10000)


def _code_point(data: bytes, at: int) -> tuple[str | None, int]:
    """Return the character at a position and its bytes; None and the bytes to skip if invalid."""
    size = next((size for limit, size in _SIZES if data[at] < limit), -1)
    if size < 2:
        return (chr(data[at]), 1) if size == 1 else (None, 1)
    for offset in range(1, size):
        if at + offset >= len(data) or data[at + offset] & 0xC0 != 0x80:
            return None, offset
    if size > 4:
        return None, size
    value = data[at] & (0xFF >> (size + 1))
    for byte in data[at + 1 : at + size]:
        value = value << 6 | byte & 0x3F
    valid = _LEAST[size] <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000
    return (chr(value) if valid else None), size


def _decode(data: bytes, replacement: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        parts, at = [], 0
        while at < len(data):
            character, size = _code_point(data, at)
            parts.append(replacement if character is None else character)
            at += size
        return "".join(parts)


def from_utf8(data: bytes) -> str:
    """Decode UTF-8; what is invalid becomes U+FFFD."""
    return _decode(data, "\ufffd")


def from_utf8_text(data: bytes, replacement: str) -> str:
    """Decode UTF-8 with a replacement for what is invalid."""
    if len(replacement) > 1:
        raise invalid("Replacement character string must empty or a single character")
    return _decode(data, replacement)


def from_utf8_number(data: bytes, codepoint: int) -> str:
    """Decode UTF-8 with a code point for what is invalid."""
    if not 0 <= codepoint <= 0x10FFFF or 0xD800 <= codepoint < 0xE000:
        raise invalid("Invalid replacement character")
    return _decode(data, chr(codepoint))


# ---- parts


def substring_from(text: str, start: int) -> str:
    """Return the text from a position, which may count from the end."""
    if start > 0:
        return text[start - 1 :]
    return text[start:] if start and -start <= len(text) else ""


def substring(text: str, start: int, length: int) -> str:
    """Return at most `length` characters from a position, which may count from the end."""
    return substring_from(text, start)[:length] if length > 0 else ""


def _substring_from(call: Call) -> str:
    if (start := _number(call, 1)) is not None:
        return f"substring({call.sql(0)}, {start})"
    return python(substring_from)(call)


def _substring(call: Call) -> str:
    start, length = _number(call, 1), _number(call, 2)
    if start is not None and length is not None:
        return f"substring({call.sql(0)}, {start}, {length})"
    return python(substring)(call)


def _check_delimiter(delimiter: str) -> None:
    if not delimiter:
        raise invalid("The delimiter may not be the empty string")


def split(text: str, delimiter: str) -> list[str]:
    """Split at each delimiter."""
    _check_delimiter(delimiter)
    return text.split(delimiter)


def split_limit(text: str, delimiter: str, limit: int) -> list[str]:
    """Split into at most `limit` parts."""
    if limit <= 0:
        raise invalid("Limit must be positive")
    if limit > UNBOUNDED:
        raise invalid("Limit is too large")
    _check_delimiter(delimiter)
    return text.split(delimiter, limit - 1)


def _split(call: Call) -> str:
    if _text(call, 1):
        return f"string_split({call.sql(0)}, {call.sql(1)})"
    return python(split)(call)


@nullable
def split_part(text: str, delimiter: str, index: int) -> str | None:
    """Return one part, counting from 1; None behind the last."""
    if index <= 0:
        raise invalid("Index must be greater than zero")
    parts = text.split(delimiter) if delimiter else list(text)
    return parts[index - 1] if index <= len(parts) else None


def _split_part(call: Call) -> str:
    index = _number(call, 2)
    if _text(call, 1) and index is not None:
        return f"string_split({call.sql(0)}, {call.sql(1)})[{index}]"
    return python(split_part)(call)


def _entries(text: str, entry_delimiter: str, value_delimiter: str, quoted: str) -> Any:
    if not entry_delimiter:
        raise invalid("entryDelimiter is empty")
    if not value_delimiter:
        raise invalid("keyValueDelimiter is empty")
    if entry_delimiter == value_delimiter:
        raise invalid("entryDelimiter and keyValueDelimiter must not be the same")
    entries = text.split(entry_delimiter)
    if not entries[-1]:
        entries.pop()
    for entry in entries:
        key, *values = entry.split(value_delimiter)
        if len(values) != 1:
            message = "Key-value delimiter must appear exactly once in each entry. Bad input: "
            raise invalid(f"{message}{quoted}{entry}{quoted}")
        yield key, values[0]


def split_to_map(text: str, entry_delimiter: str, value_delimiter: str) -> dict[str, str]:
    """Split into keys and values."""
    result: dict[str, str] = {}
    for key, value in _entries(text, entry_delimiter, value_delimiter, "'"):
        if key in result:
            raise invalid(f"Duplicate keys ({key}) are not allowed")
        result[key] = value
    return result


def split_to_multimap(
    text: str, entry_delimiter: str, value_delimiter: str
) -> dict[str, list[str]]:
    """Split into keys and lists of values."""
    result: dict[str, list[str]] = {}
    for key, value in _entries(text, entry_delimiter, value_delimiter, ""):
        result.setdefault(key, []).append(value)
    return result


# ---- search and replacement


def position_of(text: str, part: str, instance: int) -> int:
    """Return where the n-th occurrence begins, from the end where n is negative; else 0."""
    if instance == 0:
        raise invalid("'instance' must be a positive or negative number.")
    if not part:
        return 1
    if instance > 0:
        at = -1
        for _ in range(instance):
            if (at := text.find(part, at + 1)) < 0:
                return 0
    else:
        at = len(text)
        for _ in range(-instance):
            end = at - 1 + len(part)
            if at == 0 or (at := text.rfind(part, 0, end)) < 0:
                return 0
    return at + 1


def replace(text: str, search: str, replacement: str) -> str:
    """Replace; an empty search puts the replacement around every character."""
    return text.replace(search, replacement)


def remove(text: str, search: str) -> str:
    """Remove every occurrence."""
    return text.replace(search, "")


def _replace(call: Call) -> str:
    if _text(call, 1):
        return f"replace({call.sql(0)}, {call.sql(1)}, {call.sql(2)})"
    return python(replace)(call)


def _remove(call: Call) -> str:
    if _text(call, 1):
        return f"replace({call.sql(0)}, {call.sql(1)}, '')"
    return python(remove)(call)


def _replaced(kinds: list[Type]) -> Type:
    text, replacement = length_of(kinds[0]), length_of(kinds[2])
    return bounded(text + replacement * (text + 1))


@functools.lru_cache(256)
def _table(source: str, target: str) -> dict[int, int | None]:
    table: dict[int, int | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), ord(target[index]) if index < len(target) else None)
    return table


def translate(text: str, source: str, target: str) -> str:
    """Replace characters by others, or by nothing."""
    return text.translate(_table(source, target))


# ---- padding


def left_pad(text: str, length: int, padding: str) -> str:
    """Pad or cut to a length, at the left."""
    filling = _padding(text, length, padding)
    return text[:length] if filling is None else filling + text


def right_pad(text: str, length: int, padding: str) -> str:
    """Pad or cut to a length, at the right."""
    filling = _padding(text, length, padding)
    return text[:length] if filling is None else text + filling


def _padding(text: str, length: int, padding: str) -> str | None:
    if not 0 <= length <= UNBOUNDED:
        raise invalid(f"Target length must be in the range [0..{UNBOUNDED}]")
    if not padding:
        raise invalid("Padding string must not be empty")
    missing = length - len(text)
    if missing <= 0:
        return None
    return (padding * (missing // len(padding) + 1))[:missing]


def _left_pad(call: Call) -> str:
    if _number(call, 1) and _text(call, 2):
        return f"lpad({call.sql(0)}, CAST({call.sql(1)} AS INTEGER), {call.sql(2)})"
    return python(left_pad)(call)


def _right_pad(call: Call) -> str:
    if _number(call, 1) and _text(call, 2):
        return f"rpad({call.sql(0)}, CAST({call.sql(1)} AS INTEGER), {call.sql(2)})"
    return python(right_pad)(call)


# ---- likeness


def levenshtein_distance(left: str, right: str) -> int:
    """Return how many characters must be changed, inserted or deleted."""
    if len(left) < len(right):
        left, right = right, left
    if not right:
        return len(left)
    if len(left) * (len(right) - 1) > 1_000_000:
        raise invalid("The combined inputs for Levenshtein distance are too large")
    row = list(range(len(right) + 1))
    for number, a in enumerate(left, 1):
        above, row[0] = row[0], number
        for index, b in enumerate(right, 1):
            cost = above if a == b else min(above, row[index], row[index - 1]) + 1
            above, row[index] = row[index], cost
    return row[-1]


def hamming_distance(left: str, right: str) -> int:
    """Return how many characters differ."""
    if len(left) != len(right):
        raise invalid("The input strings to hamming_distance function must have the same length")
    return sum(a != b for a, b in zip(left, right, strict=True))


_SOUNDS = "01230120022455012623010202"


def soundex(text: str) -> str:
    """Return the American Soundex code, as Apache Commons Codec computes it."""
    letters = "".join(c for c in text if c.isalpha()).upper()
    if not letters:
        return ""
    codes = ""
    last = _sound(letters[0])
    for letter in letters[1:]:
        if len(codes) == 3:
            break
        if letter in "HW":
            continue
        code = _sound(letter)
        if code not in ("0", last):
            codes += code
        last = code
    return letters[0] + codes.ljust(3, "0")


def _sound(letter: str) -> str:
    index = ord(letter) - ord("A")
    if not 0 <= index < len(_SOUNDS):
        raise invalid(f"The character is not mapped: {letter} (index={index})")
    return _SOUNDS[index]


_LANGUAGES = {
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "hy": "armenian",
    "ir": "irish",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}


@functools.lru_cache(32)
def _stemmer(language: str) -> Any:
    import snowballstemmer  # type: ignore[import-untyped]

    if language not in _LANGUAGES:
        raise invalid(f"Unknown stemmer language: {language}")
    return snowballstemmer.stemmer(_LANGUAGES[language])


def word_stem(word: str) -> str:
    """Return the stem of an English word."""
    return word_stem_language(word, "en")


def word_stem_language(word: str, language: str) -> str:
    """Return the stem of a word."""
    return str(_stemmer(language).stemWord(word))


# ---- joining


def _concat(call: Call) -> str:
    if len(call.args) < 2:
        message = "There must be two or more concatenation arguments"
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", message)
    return f"({' || '.join(argument.sql for argument in call.args)})"


def _concat_ws(call: Call) -> str:
    if len(call.args) < 2:
        raise TrinoError("INVALID_FUNCTION_ARGUMENT", "There must be two or more arguments")
    if len(call.args) > 255:
        raise TrinoError("NOT_SUPPORTED", "Too many arguments for string concatenation")
    return f"concat_ws({', '.join(argument.sql for argument in call.args)})"


def _char_sum(kinds: list[Type]) -> Type:
    return char(min(65_536, kinds[0].precision + kinds[1].precision))


# ---- declarations

_CODE_POINTS = "codepoints"

scalar("chr", "bigint", "varchar(1)", _chr)
scalar(
    "codepoint",
    "varchar(1)",
    "integer",
    guarded(
        "length({0}) = 1",
        "Input string must be a single character string",
        "unicode({0})",
        INTEGER,
    ),
)
scalar("length", "varchar(x)", "bigint", "length({0})")
scalar("length", "char(x)", "bigint", "length({0})")
scalar("reverse", "varchar(x)", "varchar(x)", python(reverse))
scalar("reverse", "char(x)", "char(x)", python(reverse))
scalar("lower", "varchar(x)", "varchar(x)", "lower({0})")
scalar("lower", "char(x)", "char(x)", "lower({0})")
# Java leaves ß alone, DuckDB makes it ẞ.
_UPPER = f"replace(upper(replace({{0}}, 'ß', {_STAND_IN})), {_STAND_IN}, 'ß')"
scalar("upper", "varchar(x)", "varchar(x)", _UPPER)
scalar("upper", "char(x)", "char(x)", _UPPER)

scalar("replace", "varchar(x), varchar(y)", "varchar(x)", _remove)
scalar("replace", "varchar(x), varchar(y), varchar(z)", _replaced, _replace)
scalar("translate", "varchar(x), varchar(y), varchar(z)", "varchar", python(translate))
scalar("strpos", "varchar(x), varchar(y)", "bigint", "strpos({0}, {1})")
scalar("strpos", "varchar(x), varchar(y), bigint", "bigint", python(position_of))
scalar("starts_with", "varchar(x), varchar(y)", "boolean", "starts_with({0}, {1})")
for _name in ("substring", "substr"):
    for _kind in ("varchar(x)", "char(x)"):
        scalar(_name, f"{_kind}, bigint", "varchar(x)", _substring_from)
        scalar(_name, f"{_kind}, bigint, bigint", "varchar(x)", _substring)

scalar("split", "varchar(x), varchar(y)", "array(varchar(x))", _split)
scalar("split", "varchar(x), varchar(y), bigint", "array(varchar(x))", python(split_limit))
scalar("split_part", "varchar(x), varchar(y), bigint", "varchar(x)", _split_part)
scalar("split_to_map", "varchar, varchar, varchar", "map(varchar,varchar)", python(split_to_map))
scalar(
    "split_to_multimap",
    "varchar, varchar, varchar",
    "map(varchar,array(varchar))",
    python(split_to_multimap),
)

for _name in ("trim", "ltrim", "rtrim"):
    scalar(_name, "varchar(x)", "varchar(x)", f"{_name}({{0}}, {_SPACES})")
    scalar(_name, "char(x)", "varchar(x)", f"{_name}(rtrim({{0}}, ' '), {_SPACES})")
    scalar(
        _name,
        "varchar(x), varchar(y)",
        "varchar(x)",
        f"{_name}({{0}}, {{1}})",
        shown=f"varchar(x), {_CODE_POINTS}",
    )
    scalar(
        _name,
        "char(x), varchar(y)",
        "varchar(x)",
        f"{_name if _name == 'ltrim' else f'rtrim({_name}'}(rtrim({{0}}, ' '), {{1}})"
        + ("" if _name == "ltrim" else ", ' ')"),
        shown=f"char(x), {_CODE_POINTS}",
    )

for _kind in ("varchar(x)", "char(x)"):
    scalar("lpad", f"{_kind}, bigint, varchar(y)", "varchar", _left_pad)
    scalar("rpad", f"{_kind}, bigint, varchar(y)", "varchar", _right_pad)

scalar("levenshtein_distance", "varchar(x), varchar(y)", "bigint", python(levenshtein_distance))
scalar("hamming_distance", "varchar(x), varchar(y)", "bigint", python(hamming_distance))
scalar("soundex", "varchar", "varchar(4)", python(soundex))
scalar("word_stem", "varchar(x)", "varchar(x)", python(word_stem))
scalar("word_stem", "varchar(x), varchar(2)", "varchar(x)", python(word_stem_language))
scalar("normalize", "varchar(x), varchar(y)", "varchar", python(normalize))

scalar("to_utf8", "varchar(x)", "varbinary", "encode({0})")
scalar("to_utf8", "char(x)", "varbinary", "encode({0})")
scalar("from_utf8", "varbinary", "varchar", python(from_utf8))
scalar("from_utf8", "varbinary, varchar(x)", "varchar", python(from_utf8_text))
scalar("from_utf8", "varbinary, bigint", "varchar", python(from_utf8_number))

scalar("concat", "char(x), char(y)", _char_sum, _concat)
scalar("concat", "varchar", "varchar", _concat, variadic=True)
scalar("concat", "varbinary", "varbinary", _concat, variadic=True)
scalar("concat_ws", "varchar, varchar", "varchar", _concat_ws, variadic=True)
scalar("concat_ws", "varchar, array(varchar)", "varchar", "array_to_string({1}, {0})")
