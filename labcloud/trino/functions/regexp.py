"""Regular expression functions. Source: https://trino.io/docs/current/functions/regexp.html

A constant pattern that RE2 can run as well is left to DuckDB; others run on Python's `regex`.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex  # type: ignore[import-untyped]

from labcloud.trino.errors import quote
from labcloud.trino.functions.emit import bounded, invalid, length_of, nullable, python
from labcloud.trino.functions.java_regex import Pattern, PatternError, compile_pattern
from labcloud.trino.functions.registry import Call, null_safe, scalar
from labcloud.trino.types import VARCHAR, Type, array


def _compiled(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        raise invalid(str(error)) from None
    except regex.error as error:
        raise invalid(error.msg) from None


def _matches(text: str, pattern: str, start: int = 0) -> Iterator[regex.Match[str]]:
    """Find one match after the other; behind an empty one the search goes on a character later."""
    search = _compiled(pattern).python.search
    while start <= len(text) and (found := search(text, start)):
        yield found
        start = found.end() + (found.end() == found.start())


def _native(call: Call) -> str | None:
    """Return the constant pattern for RE2, if RE2 can run it."""
    value = call.args[1].value
    if not isinstance(value, str):
        return None
    try:
        return compile_pattern(value).re2
    except (PatternError, regex.error):
        return None


def _never_empty(call: Call) -> bool:
    value = call.args[1].value
    return isinstance(value, str) and not compile_pattern(value).can_be_empty


# ---- tests and positions


def regexp_like(text: str, pattern: str) -> bool:
    """Return whether the pattern matches anywhere."""
    return _compiled(pattern).python.search(text) is not None


def _like(call: Call) -> str:
    if (pattern := _native(call)) is not None:
        return f"regexp_matches({call.sql(0)}, {quote(pattern)})"
    return python(regexp_like)(call)


def regexp_count(text: str, pattern: str) -> int:
    """Return how often the pattern matches."""
    return sum(1 for _ in _matches(text, pattern))


def regexp_position(text: str, pattern: str) -> int:
    """Return where the first match begins, or -1."""
    return regexp_position_nth(text, pattern, 1, 1)


def regexp_position_from(text: str, pattern: str, start: int) -> int:
    """Return where the first match from a position begins, or -1."""
    return regexp_position_nth(text, pattern, start, 1)


def regexp_position_nth(text: str, pattern: str, start: int, occurrence: int) -> int:
    """Return where the n-th match from a position begins, or -1."""
    if start < 1:
        raise invalid("start position cannot be smaller than 1")
    if occurrence < 1:
        raise invalid("occurrence cannot be smaller than 1")
    if start > len(text):
        return -1
    for number, found in enumerate(_matches(text, pattern, start - 1), 1):
        if number == occurrence:
            return int(found.start()) + 1
    return -1


# ---- parts


def _check_group(pattern: str, group: int) -> None:
    groups = _compiled(pattern).python.groups
    if group < 0:
        raise invalid("Group cannot be negative")
    if group > groups:
        raise invalid(f"Pattern has {groups} groups. Cannot access group {group}")


@nullable
def regexp_extract(text: str, pattern: str) -> str | None:
    """Return the first match."""
    found = _compiled(pattern).python.search(text)
    return found[0] if found else None


@nullable
def regexp_extract_group(text: str, pattern: str, group: int) -> str | None:
    """Return a group of the first match."""
    _check_group(pattern, group)
    found = _compiled(pattern).python.search(text)
    return found[group] if found else None


def _extract(call: Call) -> str:
    pattern = _native(call)
    if pattern is not None and _never_empty(call):
        return f"nullif(regexp_extract({call.sql(0)}, {quote(pattern)}), '')"
    return python(regexp_extract)(call)


def regexp_extract_all(text: str, pattern: str) -> list[str]:
    """Return all matches."""
    return [found[0] for found in _matches(text, pattern)]


def regexp_extract_all_group(text: str, pattern: str, group: int) -> list[str | None]:
    """Return a group of all matches."""
    _check_group(pattern, group)
    return [found[group] for found in _matches(text, pattern)]


def _extract_all(call: Call) -> str:
    pattern = _native(call)
    if pattern is not None and _never_empty(call):
        return f"regexp_extract_all({call.sql(0)}, {quote(pattern)})"
    return python(regexp_extract_all)(call)


def regexp_split(text: str, pattern: str) -> list[str]:
    """Return what stands between the matches."""
    parts, end = [], 0
    for found in _matches(text, pattern):
        parts.append(text[end : found.start()])
        end = found.end()
    return [*parts, text[end:]]


# ---- replacement


def _expand(template: str, found: regex.Match[str], pattern: Pattern) -> str:
    """Put groups for $1 and ${name}; a backslash takes the character behind it as it is."""
    output, at = [], 0
    while at < len(template):
        char = template[at]
        at += 1
        if char not in "$\\":
            output.append(char)
            continue
        if at == len(template):
            raise invalid(f"Illegal replacement sequence: {template}")
        if char == "\\":
            output.append(template[at])
            at += 1
            continue
        group, at = _group(template, at, pattern)
        output.append(found[group] or "")
    return "".join(output)


def _group(template: str, at: int, pattern: Pattern) -> tuple[int, int]:
    """Return the group that is meant behind a $, and where its name ends."""
    if template[at] == "{":
        end = template.find("}", at)
        end = len(template) if end < 0 else end
        name = template[at + 1 : end]
        if name not in pattern.names:
            raise invalid(f"Illegal replacement sequence: unknown group {{ {name} }}")
        return pattern.names[name], end + 1
    if template[at] not in "0123456789":
        raise invalid(f"Illegal replacement sequence: {template}")
    group = int(template[at])
    if group > pattern.python.groups:
        raise invalid(f"Illegal replacement sequence: unknown group {group}")
    at += 1
    while at < len(template) and template[at] in "0123456789":
        longer = group * 10 + int(template[at])
        if longer > pattern.python.groups:
            break
        group, at = longer, at + 1
    return group, at


def regexp_remove(text: str, pattern: str) -> str:
    """Remove every match."""
    return "".join(regexp_split(text, pattern))


def regexp_replace(text: str, pattern: str, replacement: str) -> str:
    """Replace every match."""
    compiled = _compiled(pattern)
    parts, end = [], 0
    for found in _matches(text, pattern):
        parts.append(text[end : found.start()])
        parts.append(_expand(replacement, found, compiled))
        end = found.end()
    return "".join([*parts, text[end:]])


def _replace(call: Call) -> str:
    pattern = _native(call)
    if pattern is not None and _never_empty(call):
        if len(call.args) == 2:
            return f"regexp_replace({call.sql(0)}, {quote(pattern)}, '', 'g')"
        if (rewrite := _rewrite(call)) is not None:
            return f"regexp_replace({call.sql(0)}, {quote(pattern)}, {quote(rewrite)}, 'g')"
    return python(regexp_remove if len(call.args) == 2 else regexp_replace)(call)


def _rewrite(call: Call) -> str | None:
    """Return a constant replacement for RE2, which writes \\1 for $1."""
    template = call.args[2].value
    if not isinstance(template, str) or "\\" in template or "{" in template:
        return None
    pattern = compile_pattern(str(call.args[1].value))
    output, at = "", 0
    while (found := template.find("$", at)) >= 0:
        try:
            group, end = _group(template, found + 1, pattern)
        except (ValueError, IndexError):
            return None  # an error, if anything matches
        if group > 9:
            return None
        output += f"{template[at:found]}\\{group}"
        at = end
    return output + template[at:]


def _replaced(kinds: list[Type]) -> Type:
    text, replacement = length_of(kinds[0]), length_of(kinds[2])
    return bounded(text + max(text * replacement // 2, replacement) * (text + 1))


def regexp_groups(text: str, pattern: str) -> list[list[str | None]]:
    """Return the groups of every match."""
    return [list(found.groups()) for found in _matches(text, pattern)]


@null_safe
def weave(parts: list[str] | None, replacements: list[str | None] | None) -> str | None:
    """Put replacements between parts; None where one of them is NULL."""
    if parts is None or replacements is None or None in replacements:
        return None
    pairs = zip(parts, replacements, strict=False)
    return "".join(f"{part}{replacement}" for part, replacement in pairs) + parts[-1]


def _replace_by_lambda(call: Call) -> str:
    kinds = [VARCHAR, VARCHAR]
    text, pattern = call.sql(0), call.sql(1)
    body = call.args[2].lambda_
    assert body is not None
    parts = f"{call.udf(regexp_split, kinds, array(VARCHAR))}({text}, {pattern})"
    groups = f"{call.udf(regexp_groups, kinds, array(array(VARCHAR)))}({text}, {pattern})"
    name = call.udf(weave, [array(VARCHAR), array(VARCHAR)], VARCHAR)
    return f"{name}({parts}, list_transform({groups}, {body.sql}))"


# ---- declarations

_ARGS = "varchar(x), varchar(y)"
_SHOWN = "varchar(x), joniregexp"

scalar("regexp_like", _ARGS, "boolean", _like, shown=_SHOWN)
scalar("regexp_count", _ARGS, "bigint", python(regexp_count), shown=_SHOWN)
scalar("regexp_position", _ARGS, "integer", python(regexp_position), shown=_SHOWN)
scalar(
    "regexp_position",
    f"{_ARGS}, integer",
    "integer",
    python(regexp_position_from),
    shown=f"{_SHOWN}, integer",
)
scalar(
    "regexp_position",
    f"{_ARGS}, integer, integer",
    "integer",
    python(regexp_position_nth),
    shown=f"{_SHOWN}, integer, integer",
)
scalar("regexp_extract", _ARGS, "varchar(x)", _extract, shown=_SHOWN)
scalar(
    "regexp_extract",
    f"{_ARGS}, bigint",
    "varchar(x)",
    python(regexp_extract_group),
    shown=f"{_SHOWN}, bigint",
)
scalar("regexp_extract_all", _ARGS, "array(varchar(x))", _extract_all, shown=_SHOWN)
scalar(
    "regexp_extract_all",
    f"{_ARGS}, bigint",
    "array(varchar(x))",
    python(regexp_extract_all_group),
    shown=f"{_SHOWN}, bigint",
)
scalar("regexp_split", _ARGS, "array(varchar(x))", python(regexp_split), shown=_SHOWN)
scalar("regexp_replace", _ARGS, "varchar(x)", _replace, shown=_SHOWN)
scalar(
    "regexp_replace",
    "varchar(x), varchar(z), varchar(y)",
    _replaced,
    _replace,
    shown=f"{_SHOWN}, varchar(y)",
)
scalar(
    "regexp_replace",
    "varchar, varchar(y), function(array(varchar),varchar(x))",
    "varchar",
    _replace_by_lambda,
    shown="varchar, joniregexp, function(array(varchar),varchar(x))",
)
