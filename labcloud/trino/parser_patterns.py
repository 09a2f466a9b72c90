"""MATCH_RECOGNIZE, and the same clauses in a window's frame."""

from __future__ import annotations

from typing import Any

from labcloud.trino import tree
from labcloud.trino.parser_json import JsonCalls

_PRIMARY = ("'$'", "'('", "'PERMUTE'", "'^'", "'{-'", "<identifier>")


class Patterns(JsonCalls):
    """Reads row patterns and what surrounds them."""

    def match_recognize(self, relation: tree.Node) -> tree.PatternRecognition:
        """Read MATCH_RECOGNIZE (…) behind a relation. Raises TrinoError."""
        at = self.take().at
        self.expect("(")
        partition = self.partition_by()
        order_by = self.sort_items() if self.sees("ORDER") else ()
        measures = self._measures()
        rows = self._rows_per_match()
        skip = self._after_match()
        self._search_mode()
        self.expect("PATTERN", "(")
        pattern = self._pattern()
        self.close()
        subsets = self._subsets()
        self.expect("DEFINE")
        definitions = self.many(self._definition)
        self.close(",")
        return tree.PatternRecognition(
            relation,
            partition,
            order_by,
            measures,
            rows,
            skip,
            pattern,
            subsets,
            definitions,
            at=at,
        )

    def partition_by(self) -> tuple[tree.Expression, ...]:
        """Read PARTITION BY, if it is there."""
        if not self.accept("PARTITION"):
            return ()
        self.expect("BY")
        return self.expressions()

    def frame_pattern(self, measures: Any) -> tuple[tuple[str, Any], ...]:
        """Read what makes a window's frame a pattern's; `measures` came before its extent."""
        found: list[tuple[str, Any]] = [("measures", measures)] if measures else []
        if self.sees("AFTER"):
            found.append(("skip", self._after_match()))
        if (mode := self._search_mode()) is not None:
            found.append(("mode", mode))
        if self.accept("PATTERN"):
            self.expect("(")
            found.append(("pattern", self._pattern()))
            self.close()
        if self.sees("SUBSET"):
            found.append(("subsets", self._subsets()))
        if self.accept("DEFINE"):
            found.append(("definitions", self.many(self._definition)))
        return tuple(found)

    def frame_measures(self) -> tuple[tuple[tree.Expression, tree.Identifier], ...]:
        """Read MEASURES of a window's frame, if it is there."""
        return self._measures()

    # ---- clauses

    def _measures(self) -> tuple[tuple[tree.Expression, tree.Identifier], ...]:
        return self.many(self._measure) if self.accept("MEASURES") else ()

    def _measure(self) -> tuple[tree.Expression, tree.Identifier]:
        value = self.expression()
        self.expect("AS")
        return value, self.identifier()

    def _definition(self) -> tuple[tree.Identifier, tree.Expression]:
        name = self.identifier()
        self.expect("AS")
        return name, self.expression()

    def _rows_per_match(self) -> str:
        if self.accept("ONE"):
            self.expect("ROW", "PER", "MATCH")
            return "ONE"
        if not self.accept("ALL"):
            return "ONE"
        self.expect("ROWS", "PER", "MATCH")
        if self.accept("WITH"):
            self.expect("UNMATCHED", "ROWS")
            return "ALL WITH UNMATCHED"
        if not self.sees_any("SHOW", "OMIT"):
            return "ALL SHOW EMPTY"
        word = self.take().upper
        self.expect("EMPTY", "MATCHES")
        return f"ALL {word} EMPTY"

    def _after_match(self) -> tuple[Any, ...]:
        if not self.accept("AFTER"):
            return ("PAST LAST ROW",)
        self.expect("MATCH", "SKIP")
        if self.expect_any("PAST", "TO") == "PAST":
            self.expect("LAST", "ROW")
            return ("PAST LAST ROW",)
        if self.accept_all("NEXT", "ROW"):
            return ("NEXT ROW",)
        where = "LAST"
        if self.sees_any("FIRST", "LAST") and self.follows_identifier():
            where = self._first_or_last()
        return (where, self.identifier())

    def _first_or_last(self) -> str:
        """Take FIRST or LAST, unless it is the variable and a clause follows."""
        word, after = self.words[self.at], self.words[self.at + 1]
        if after in ("INITIAL", "SEEK", "PATTERN"):
            following = self.words[self.at + 2]
            is_clause = following == "(" if after == "PATTERN" else following == "PATTERN"
            if is_clause:
                return "LAST"
        self.at += 1
        return word

    def _search_mode(self) -> str | None:
        return self.take().upper if self.sees_any("INITIAL", "SEEK") else None

    def _subsets(self) -> tuple[tuple[tree.Identifier, tuple[tree.Identifier, ...]], ...]:
        return self.many(self._subset) if self.accept("SUBSET") else ()

    def _subset(self) -> tuple[tree.Identifier, tuple[tree.Identifier, ...]]:
        name = self.identifier()
        self.expect("=")
        return name, self.identifiers()

    # ---- the pattern

    def _pattern(self) -> tuple[Any, ...]:
        self.enter()
        options = [self._sequence()]
        while self.accept("|"):
            options.append(self._sequence())
        self.leave()
        return options[0] if len(options) == 1 else ("alt", *options)

    def _sequence(self) -> tuple[Any, ...]:
        parts = [self._quantified()]
        while self.words[self.at] in ("(", "^", "$", "{-") or self.is_identifier():
            parts.append(self._quantified())
        return parts[0] if len(parts) == 1 else ("concat", *parts)

    def _quantified(self) -> tuple[Any, ...]:
        part = self._pattern_primary()
        low: int
        high: int | None
        if self.accept("*"):
            low, high = 0, None
        elif self.accept("+"):
            low, high = 1, None
        elif self.accept("?"):
            low, high = 0, 1
        elif self.accept("{"):
            low, high = self._repetition()
        else:
            return part
        return ("quant", part, low, high, not self.accept("?"))

    def _repetition(self) -> tuple[int, int | None]:
        if not self.sees(",") and self.token.kind != "integer":
            raise self.wrong("','", "<integer>")
        low = 0 if self.sees(",") else self.integer()
        if self.accept("}"):
            return low, low
        if not self.accept(","):
            raise self.wrong("','", "'}'")
        high = self.integer() if self.token.kind == "integer" else None
        if not self.accept("}"):
            raise self.wrong("'}'", *(() if high is not None else ("<integer>",)))
        return low, high

    def _pattern_primary(self) -> tuple[Any, ...]:
        if self.accept("^"):
            return ("start",)
        if self.accept("$"):
            return ("end",)
        if self.accept("{-"):
            inner = self._pattern()
            self.expect("-}")
            return ("exclude", inner)
        if self.sees("PERMUTE", "("):
            self.at += 1
            return ("permute", *self.bracketed(self._pattern))
        if self.accept("("):
            if self.accept(")"):
                return ("empty",)
            inner = self._pattern()
            self.close()
            return inner
        if not self.is_identifier():
            raise self.wrong(*_PRIMARY)
        return ("var", self.identifier())
