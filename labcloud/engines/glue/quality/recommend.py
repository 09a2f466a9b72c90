"""Rules that a table's data meets today: what a recommendation run proposes.

Source: https://docs.aws.amazon.com/glue/latest/dg/data-quality-gs-studio.html
"""

from __future__ import annotations

from labcloud.engines.glue.quality.rules import Ask, quoted

FEW = 10
"""Columns of text with no more values than this get a rule that lists them."""

_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")


def recommend(ask: Ask, table: str, columns: dict[str, str]) -> str:
    """Return a ruleset in DQDL for a table. Raises RuleError where it cannot be read."""
    parts = ["count(*)"]
    for name in columns:
        parts += [f"count({quoted(name)})", f"approx_distinct({quoted(name)})"]
    row = [int(value or 0) for value in ask(f"SELECT {', '.join(parts)} FROM {table}")[0]]
    total = row[0]
    rules = [f"RowCount between {total // 2} and {total * 2}", f"ColumnCount = {len(columns)}"]
    for number, (name, kind) in enumerate(columns.items()):
        filled, distinct = row[1 + 2 * number], row[2 + 2 * number]
        shown = '"' + name.replace('"', '\\"') + '"'
        if total and filled == total:
            rules.append(f"IsComplete {shown}")
        elif total:
            rules.append(f"Completeness {shown} >= {int(filled / total * 100) / 100}")
        rules += _of_values(ask, table, name, shown, kind, distinct, filled < total)
    listed = ",\n    ".join(rules)
    return f"Rules = [\n    {listed}\n]"


def _of_values(
    ask: Ask, table: str, name: str, shown: str, kind: str, distinct: int, gaps: bool
) -> list[str]:
    if kind.startswith(_NUMBERS):
        return [f'ColumnDataType {shown} = "{_word(kind)}"']
    if kind == "string" and 0 < distinct <= FEW:
        found = ask(
            f"SELECT DISTINCT {quoted(name)} FROM {table} "
            f"WHERE {quoted(name)} IS NOT NULL ORDER BY 1 LIMIT {FEW + 1}"
        )
        values = ", ".join('"' + str(value[0]).replace('"', '\\"') + '"' for value in found)
        values += ", NULL" if gaps else ""
        return [f"ColumnValues {shown} in [{values}] with threshold >= 0.9"]
    return []


def _word(kind: str) -> str:
    if kind.startswith(("float", "double")):
        return "double"
    if kind.startswith("decimal"):
        return "decimal"
    return "long" if kind == "bigint" else "integer"
