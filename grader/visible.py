"""The release's `checks.py`: the visible checks and what they need, nothing of the hidden ones."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from grader.errors import BuildError

TRAVELS = ("NEEDS", "setup", "cleanup")
"""What travels with the release beside the visible checks."""

HEADER = '''"""Checks of lab {lab}.

`grader build` writes this file from solutions/{lab}/checks.py.
"""

from __future__ import annotations'''


def visible_checks(path: Path) -> str:
    """Return the text of the release's `checks.py`.

    It has the visible checks, `NEEDS`, `setup` and `cleanup`, and of the file's helpers, constants
    and imports those which they use. Raises BuildError where the file has other statements at its
    top level, or where what travels uses a hidden check.
    """
    source = path.read_text("utf-8")
    statements = [_Statement(node, path) for node in ast.parse(source).body if not _is_future(node)]
    hidden = {name for one in statements if one.hidden for name in one.binds}
    needed = _closure(statements)
    if leaked := sorted(hidden & needed):
        raise BuildError(f"{path}: a visible check uses the hidden check {leaked[0]}().")
    travelling = [one for one in statements if one.binds & needed]
    imports = [one for one in travelling if one.is_import]
    rest = [one for one in travelling if not one.is_import]
    groups = _groups(statements)
    blocks = [HEADER.format(lab=path.parent.name)]
    blocks += ["\n" + "\n".join(texts) for texts in _grouped(imports, groups, needed)]
    blocks += ["", *_laid_out(rest, source)]
    return "\n".join(blocks).rstrip() + "\n"


class _Statement:
    """One statement of the file's top level: the names that it binds and those that it uses."""

    def __init__(self, node: ast.stmt, path: Path) -> None:
        self.node = node
        self.is_import = isinstance(node, ast.Import | ast.ImportFrom)
        self.is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        self.binds = set(_bound(node))
        self.uses = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        self.brings = self.uses if self.is_import else self.uses | self.binds
        self.hidden, self.is_check = _declared(node)
        if not self.binds and not _is_docstring(node):
            raise BuildError(
                f"{path}:{node.lineno}: only imports, constants, functions and classes stand at "
                "the top level of a checks.py."
            )

    def only(self, needed: set[str]) -> str:
        """An import, with those of its names that are needed."""
        assert isinstance(self.node, ast.Import | ast.ImportFrom)
        names = [one for one in self.node.names if _import_name(one) in needed]
        if isinstance(self.node, ast.Import):
            return ast.unparse(ast.Import(names))
        return ast.unparse(ast.ImportFrom(self.node.module, names, self.node.level))

    def text(self, source: str) -> str:
        """The statement as it is written, decorators included."""
        first = min(
            [self.node.lineno, *(one.lineno for one in getattr(self.node, "decorator_list", []))]
        )
        return "\n".join(source.splitlines()[first - 1 : self.node.end_lineno])


def _closure(statements: list[_Statement]) -> set[str]:
    """The names that travel, and all names that these use, directly or not."""
    roots = {name for one in statements if one.is_check and not one.hidden for name in one.binds}
    wanted = roots | set(TRAVELS)
    while True:
        more = {name for one in statements if one.binds & wanted for name in one.brings}
        if more <= wanted:
            return wanted
        wanted |= more


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from map(_import_name, names)
        case ast.Assign(targets=targets):
            yield from _targets(targets)
        case ast.AnnAssign(target=target):
            yield from _targets([target])
        case ast.If(body=body) if _is_type_checking(node):
            for inner in body:
                yield from _bound(inner)


def _targets(targets: Iterable[ast.expr]) -> Iterator[str]:
    for target in targets:
        yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def _import_name(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _declared(node: ast.stmt) -> tuple[bool, bool]:
    """Whether a statement declares a hidden check, and whether it declares a check."""
    for decorator in getattr(node, "decorator_list", []):
        if isinstance(decorator, ast.Call) and _called(decorator.func) == "check":
            said = {one.arg: one.value for one in decorator.keywords}.get("hidden")
            shown = said is None or (isinstance(said, ast.Constant) and said.value is False)
            return not shown, True
    return False, False


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type_checking(node: ast.If) -> bool:
    return _called(node.test) == "TYPE_CHECKING"


def _groups(statements: list[_Statement]) -> dict[ast.stmt, int]:
    """The number of the group, set off by empty lines, in which each import stands."""
    groups: dict[ast.stmt, int] = {}
    number, last = 0, 0
    for one in statements:
        if one.is_import:
            number += one.node.lineno > last + 1
            last = one.node.end_lineno or one.node.lineno
            groups[one.node] = number
    return groups


def _grouped(
    imports: list[_Statement], groups: dict[ast.stmt, int], needed: set[str]
) -> Iterator[list[str]]:
    """The needed imports' texts, group by group."""
    for _, members in groupby(imports, key=lambda one: groups[one.node]):
        yield [one.only(needed) for one in members]


def _laid_out(statements: list[_Statement], source: str) -> Iterator[str]:
    """The statements' texts, with two empty lines around functions and classes."""
    previous: _Statement | None = None
    for one in statements:
        if one.is_definition or (previous is not None and previous.is_definition):
            yield "" if previous is None else "\n"
        yield one.text(source)
        previous = one
