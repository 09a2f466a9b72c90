"""The `grader` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from grader.errors import GraderError
from grader.layout import find_course


def main(arguments: list[str] | None = None) -> int:
    """Run the `grader` command and return its exit status: 0 good, 1 not, 2 wrong usage."""
    given = _parser().parse_args(arguments)
    try:
        status: int = given.run(given)
    except GraderError as error:
        print(f"grader: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader", description="Builds the course's notebooks and runs the checks of labs."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("--course", type=Path, help="the course's folder; default: around here")
        return sub

    sub = command("build", _build, "build the notebooks whose sources changed")
    sub.add_argument("names", nargs="*", metavar="NAME", help="a lesson's and lab's: 01-data-lake")
    sub.add_argument("--check", action="store_true", help="write nothing; fail on drift")
    sub.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), metavar="N")
    sub = command("check", _check, "run the checks of a lab over the cloud as it is")
    sub.add_argument("lab", metavar="LAB", help="01-data-lake")
    sub.add_argument("names", nargs="*", metavar="CHECK", help="default: all")
    return parser


def _build(given: argparse.Namespace) -> int:
    from grader import build

    course = find_course(given.course)
    work = build.check if given.check else build.build
    outcome = work(course, given.names, jobs=given.jobs, say=_say)
    for line in outcome.written:
        print(f"wrote {line}")
    for line in outcome.problems:
        print(f"grader: {line}", file=sys.stderr)
    print(f"{outcome.unchanged} up to date, {len(outcome.written)} files written", end="")
    print(f", {len(outcome.problems)} problems" if outcome.problems else "")
    return 1 if outcome.problems else 0


def _say(line: str) -> None:
    """Print a line whole, also where several jobs print at once."""
    print(f"{line}\n", end="", flush=True)


def _check(given: argparse.Namespace) -> int:
    from grader.lab import Lab
    from labcloud import ConnectError

    folder = find_course(given.course).lab(given.lab).source
    try:
        lab = Lab(given.lab, folder=folder)
    except ConnectError as error:
        raise GraderError(str(error)) from error
    results = [lab.result(name) for name in given.names or lab.checks]
    print("\n\n".join(result.full() for result in results))
    points, possible = sum(r.points for r in results), sum(r.check.points for r in results)
    print(f"\n{points:g} of {possible:g} points")
    return 0 if points == possible else 1


if __name__ == "__main__":
    sys.exit(main())
