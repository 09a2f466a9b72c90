"""Regular expressions as Trino reads them: Java's syntax, run by Joni.

A pattern is read once and written anew for Python's `regex` and, where it is plain enough, for
RE2, DuckDB's own. Source: https://trino.io/docs/current/functions/regexp.html, and Joni's (that
is, Oniguruma's) documentation of its Java syntax, whose error texts these are.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

import regex  # type: ignore[import-untyped]

MAX_REPEAT = 100_000

_WORD = r"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}"
_SPACE = r"\t-\r\x{85}\p{Z}"
_RE2_CLASS = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": f"[{_WORD}]",
    "W": f"[^{_WORD}]",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
}
_RE2_IN_CLASS = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": _WORD, "s": _SPACE}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b", "v": "\v"}
_INTERVAL = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_POSIX = re.compile(
    r"\[:(\^?)(alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit|word):\]"
)


class PatternError(Exception):
    """A pattern that Joni refuses, in its words."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a pattern: for `regex`, for RE2 (None if it cannot), its length, its nature."""

    python: str
    re2: str | None
    low: int = 0
    high: int | None = 0
    """How many characters it matches at least and at most (None: any number)."""
    captures: bool = False
    looks_ahead: bool = False


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    groups: int = 0
    names: dict[str, int] = field(default_factory=dict)
    references: list[int] = field(default_factory=list)
    extended: bool = False

    # ---- the text

    def peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def take(self, count: int = 1) -> str:
        taken = self.text[self.at : self.at + count]
        self.at += count
        return taken

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    @property
    def more(self) -> bool:
        return self.at < len(self.text)

    # ---- structure

    def pattern(self) -> Part:
        part = self.alternation()
        if self.more:
            raise PatternError("unmatched close parenthesis")
        for number in self.references:
            if number > self.groups:
                raise PatternError("invalid backref number/name")
        return part

    def alternation(self) -> Part:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.take()
            branches.append(self.sequence())
        if len(branches) == 1:
            return branches[0]
        highs = [branch.high for branch in branches]
        return Part(
            "|".join(branch.python for branch in branches),
            _joined([branch.re2 for branch in branches], "|"),
            min(branch.low for branch in branches),
            None if None in highs else max(high for high in highs if high is not None),
            any(branch.captures for branch in branches),
            any(branch.looks_ahead for branch in branches),
        )

    def sequence(self) -> Part:
        parts: list[Part] = []
        while self.more and self.peek() not in "|)":
            if self.extended and self.skip_extended():
                continue
            atom = self.atom()
            if atom is not None:
                parts.append(self.repeated(atom))
        highs = [part.high for part in parts]
        return Part(
            "".join(part.python for part in parts),
            _joined([part.re2 for part in parts], ""),
            sum(part.low for part in parts),
            None if None in highs else sum(high for high in highs if high is not None),
            any(part.captures for part in parts),
            any(part.looks_ahead for part in parts),
        )

    def skip_extended(self) -> bool:
        if self.peek().isspace():
            self.take()
            return True
        if self.peek() == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            return True
        return False

    def repeated(self, atom: Part) -> Part:
        part, count = atom, 0
        while (bounds := self.bounds()) is not None:
            low, high = bounds
            mark = self.take() if self.peek() in ("?", "+") else ""
            simple = count == 0 and atom.high != 0 and not atom.python.startswith("(?")
            body = part.python if simple else f"(?:{part.python})"
            times = _times(low, high)
            plain = part.re2 is not None and count == 0 and mark != "+" and (high or low) <= 1000
            part = Part(
                f"{body}{times}{mark}",
                f"{part.re2}{times}{mark}" if plain else None,
                part.low * low,
                None if high is None or part.high is None else part.high * high,
                part.captures,
                part.looks_ahead,
            )
            count += 1
        return part

    def bounds(self) -> tuple[int, int | None] | None:
        char = self.peek()
        if char and char in "*+?":
            self.take()
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        if char != "{" or not (found := self.match(_INTERVAL)):
            return None
        low = int(found[1])
        high = low if not found[2] else int(found[3]) if found[3] else None
        if max(low, high or 0) > MAX_REPEAT:
            raise PatternError("too big number for repeat range")
        if high is not None and low > high:
            raise PatternError("upper is smaller than lower in repeat range")
        return low, high

    # ---- atoms

    def atom(self) -> Part | None:
        char = self.take()
        if char == "\\":
            return self.escape()
        if char == "[":
            return self.char_class()
        if char == "(":
            return self.group()
        if char == ".":
            return Part(".", ".", 1, 1)
        if char == "^":
            return Part("^", "^")
        if char == "$":
            return Part("$", None)
        if char in "*+?" or (char == "{" and _INTERVAL.match(self.text, self.at - 1)):
            raise PatternError("target of repeat operator is not specified")
        return _literal(char)

    def escape(self) -> Part | None:
        if not self.more:
            raise PatternError("end pattern at escape")
        char = self.take()
        if char in "dDwWsS":
            return Part(f"\\{char}", _RE2_CLASS[char], 1, 1)
        if char in "AbBG":
            return Part(f"\\{char}", None)
        if char in "zZ":
            return Part(r"\Z" if char == "z" else "$", None)
        if char == "Q":
            return self.quoted()
        if char in "pP" and self.peek() == "{":
            return Part(self.property(char), None, 1, 1)
        if char == "k" and self.peek() == "<":
            return self.named_reference()
        if char.isdigit() and char != "0" and (found := self.reference(char)):
            return found
        return _literal(self.character(char))

    def character(self, char: str) -> str:
        """Return the character that an escape means."""
        if char in _CONTROL:
            return _CONTROL[char]
        if char == "x":
            if found := self.match(re.compile(r"\{([0-9A-Fa-f]{1,8})\}")):
                return _code_point(int(found[1], 16))
            found = self.match(re.compile("[0-9A-Fa-f]{0,2}"))
            return chr(int(found[0] or "0", 16)) if found else "\0"
        if char == "u":
            found = self.match(re.compile("[0-9A-Fa-f]{4}"))
            if not found:
                raise PatternError("too short escape sequence")
            return _code_point(int(found[0], 16))
        if char == "c":
            if not self.more:
                raise PatternError("end pattern at control")
            after = self.take()
            return "\x7f" if after == "?" else chr(ord(after) & 0x9F)
        if char in "01234567":
            self.at -= 1
            found = self.match(re.compile("0[0-7]{0,2}|[0-7]{1,3}"))
            assert found
            return chr(int(found[0], 8) & 0xFF)
        return char

    def quoted(self) -> Part:
        end = self.text.find(r"\E", self.at)
        inside = self.text[self.at :] if end < 0 else self.text[self.at : end]
        self.at = len(self.text) if end < 0 else end + 2
        last = _literal(inside[-1]) if inside else Part("", "")
        if len(inside) > 1:
            last = self.repeated(last)
        head = [_literal(char) for char in inside[:-1]]
        return Part(
            "".join(part.python for part in head) + last.python,
            _joined([*(part.re2 for part in head), last.re2], ""),
            len(head) + last.low,
            None if last.high is None else len(head) + last.high,
        )

    def property(self, letter: str) -> str:
        self.take()
        end = self.text.find("}", self.at)
        if end < 0:
            raise PatternError("invalid character property name {" + self.text[self.at :] + "}")
        name = self.text[self.at : end]
        self.at = end + 1
        if name.startswith("^"):
            letter = "P" if letter == "p" else "p"
        written = f"\\{letter}{{{name.lstrip('^')}}}"
        try:
            if re.search("^is|[_=]", name, re.IGNORECASE):  # Joni has no such spellings
                raise ValueError
            regex.compile(written)
        except (ValueError, regex.error):
            raise PatternError(f"invalid character property name {{{name}}}") from None
        return written

    def reference(self, first: str) -> Part | None:
        digits = first
        while self.peek().isdigit():
            digits += self.take()
        if int(digits) > 9 and int(digits) > self.groups:
            self.at -= len(digits) - 1
            return None
        self.references.append(int(digits))
        return Part(f"(?:\\{digits})", None, 0, None)

    def named_reference(self) -> Part:
        self.take()
        name = self.name()
        if name not in self.names:
            raise PatternError(f"undefined name <{name}> reference")
        return Part(f"(?:\\{self.names[name]})", None, 0, None)

    def name(self) -> str:
        end = self.text.find(">", self.at)
        name = self.text[self.at :] if end < 0 else self.text[self.at : end]
        if not name:
            raise PatternError("group name is empty")
        if end < 0 or name[0].isdigit():
            raise PatternError(f"invalid group name <{name}>")
        if not re.fullmatch(r"\w+", name):
            raise PatternError(f"invalid char in group name <{name}>")
        self.at = end + 1
        return name

    # ---- groups

    def group(self) -> Part | None:
        extended = self.extended
        part = self.inside_group()
        self.extended = extended
        return part

    def inside_group(self) -> Part | None:
        if self.peek() != "?":
            return self.capture(None)
        self.take()
        if not self.more:
            raise PatternError("end pattern in group")
        for opening in ("<=", "<!"):
            if self.peek(2) == opening:
                self.take(2)
                return self.look_behind(opening)
        kind = self.take()
        if kind == "#":
            self.skip_comment()
            return None
        if kind == ":":
            body = self.body()
            re2 = None if body.re2 is None else f"(?:{body.re2})"
            return Part(f"(?:{body.python})", re2, body.low, body.high, *_nature(body))
        if kind in "=!":
            body = self.body()
            return Part(f"(?{kind}{body.python})", None, 0, 0, body.captures, True)
        if kind == ">":
            body = self.body()
            return Part(f"(?>{body.python})", None, body.low, body.high, *_nature(body))
        if kind == "<":
            if not self.more:
                raise PatternError("end pattern in group")
            return self.capture(self.name())
        self.at -= 1
        return self.options()

    def body(self) -> Part:
        body = self.alternation()
        if self.take() != ")":
            raise PatternError("end pattern with unmatched parenthesis")
        return body

    def capture(self, name: str | None) -> Part:
        self.groups += 1
        if name is not None:
            if name in self.names:
                raise PatternError(f"multiplex defined name <{name}>")
            self.names[name] = self.groups
        body = self.body()
        re2 = None if body.re2 is None or name else f"({body.re2})"
        return Part(f"({body.python})", re2, body.low, body.high, True, body.looks_ahead)

    def look_behind(self, opening: str) -> Part:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.take()
            branches.append(self.sequence())
        if self.take() != ")":
            raise PatternError("end pattern with unmatched parenthesis")
        for branch in branches:
            bad = branch.looks_ahead or (opening == "<!" and branch.captures)
            if bad or branch.low != branch.high:
                raise PatternError("invalid pattern in look-behind")
        inside = "|".join(branch.python for branch in branches)
        return Part(f"(?{opening}{inside})", None, 0, 0, any(b.captures for b in branches))

    def skip_comment(self) -> None:
        end = self.text.find(")", self.at)
        if end < 0:
            raise PatternError("end pattern in group")
        self.at = end + 1

    def options(self) -> Part:
        found = self.match(re.compile("[^:)]*"))
        letters = found[0] if found else ""
        if re.search("[^imsx-]", letters) or not self.more:
            known = re.match("[imsx-]*", letters)
            ended = known is not None and known.end() == len(letters)
            raise PatternError("end pattern in group" if ended else "undefined group option")
        on, _, off = letters.replace("--", "-").partition("-")
        self.extended = ("x" in on or self.extended) and "x" not in off
        flags = "".join(f for f in dict.fromkeys(on) if f in "ims" and f not in off)
        cleared = "".join(f for f in dict.fromkeys(off) if f in "ims")
        opening = f"(?{flags}{'-' + cleared if cleared else ''}:"
        if self.take() == ":":
            body = self.body()
        else:  # the options hold for all that follows in this group, also behind a |
            body = self.alternation()
        return Part(f"{opening}{body.python})", None, body.low, body.high, *_nature(body))

    # ---- classes

    def char_class(self) -> Part:
        python, re2 = self.class_body()
        return Part(python, re2, 1, 1)

    def class_body(self) -> tuple[str, str | None]:
        """Read a class behind its [ and return it for both engines."""
        negated = "^" if self.peek() == "^" and self.take() else ""
        if self.peek() == "]" and "]" not in self.text[self.at + 1 :]:
            raise PatternError("empty char-class")
        python: list[str] = []
        re2: list[str | None] = []
        first = True
        while True:
            if not self.more:
                raise PatternError("premature end of char-class")
            if self.peek() == "]" and not first:
                self.take()
                break
            if self.peek(2) == "&&":
                self.take(2)
                python.append("&&")
                re2.append(None)
            else:
                item = self.class_item()
                python.append(item[0])
                re2.append(item[1])
            first = False
        inside = "".join(python)
        plain = _joined(re2, "")
        return f"[{negated}{inside}]", None if plain is None else f"[{negated}{plain}]"

    def class_item(self) -> tuple[str, str | None]:
        if posix := self.match(_POSIX):
            return posix[0], None
        if self.peek() == "[":
            self.take()
            return self.class_body()[0], None
        low = self.class_character()
        if isinstance(low, tuple):
            return low
        if self.peek() == "-" and self.peek(2) != "-]" and len(self.peek(2)) == 2:
            start = self.at
            self.take()
            if self.peek() == "[" or self.peek(2) == "&&":
                self.at = start
            else:
                high = self.class_character()
                if isinstance(high, tuple):
                    dash = _in_class("-")
                    both = None if high[1] is None else _in_class(low) + dash + high[1]
                    return _in_class(low) + dash + high[0], both
                if high < low:
                    raise PatternError("empty range in char class")
                text = f"{_in_class(low)}-{_in_class(high)}"
                return text, text
        return _in_class(low), _in_class(low)

    def class_character(self) -> str | tuple[str, str | None]:
        """Read one character of a class, or a class of characters such as \\d."""
        char = self.take()
        if char != "\\":
            return char
        if not self.more:
            raise PatternError("end pattern at escape")
        char = self.take()
        if char in "dDwWsS":
            return f"\\{char}", _RE2_IN_CLASS.get(char)
        if char in "pP" and self.peek() == "{":
            return self.property(char), None
        return "\b" if char == "b" else self.character(char)


def _nature(part: Part) -> tuple[bool, bool]:
    return part.captures, part.looks_ahead


def _joined(parts: list[str | None], separator: str) -> str | None:
    if None in parts:
        return None
    return separator.join(part for part in parts if part is not None)


def _times(low: int, high: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((low, high))
    if short:
        return short
    return f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"


def _code_point(number: int) -> str:
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise PatternError("invalid code point value")
    return chr(number)


def _literal(char: str) -> Part:
    if char.isalnum() or char == "_" or ord(char) > 127:
        return Part(char, char, 1, 1)
    hexadecimal = f"\\x{ord(char):02x}"
    return Part(hexadecimal, hexadecimal, 1, 1)


def _in_class(char: str) -> str:
    return char if char.isalnum() or ord(char) > 127 else f"\\x{ord(char):02x}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that can be run."""

    python: regex.Pattern[str]
    re2: str | None
    """The pattern for RE2; None if it needs what RE2 has not."""
    can_be_empty: bool
    names: dict[str, int]
    """The numbers of the named groups."""


@functools.lru_cache(512)
def compile_pattern(text: str) -> Pattern:
    """Translate a pattern. Raises PatternError."""
    reader = _Reader(text)
    part = reader.pattern()
    compiled = regex.compile(part.python, regex.VERSION1)
    return Pattern(compiled, part.re2, part.low == 0, reader.names)
