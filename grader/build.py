"""Building all notebooks of a course from their texts, and telling where they drifted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from grader.digest import Manifest, digest_of, digest_of_file
from grader.drift import drift
from grader.errors import BuildError, GraderError
from grader.layout import Course
from grader.unit import Unit, orphans_of, units_of


@dataclass
class Outcome:
    """What a build did: how many units were as they should be, what was written, what is wrong."""

    unchanged: int = 0
    written: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Made:
    """One unit, built: the files' contents, or why there are none."""

    unit: Unit
    files: dict[Path, bytes] = field(default_factory=dict)
    failed: str = ""


def build(
    course: Course,
    names: Iterable[str] = (),
    *,
    jobs: int = 1,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Build what is not up to date, of all units or of those named, and write it.

    Files that should not be in a release are removed. Raises GraderError for an unknown name;
    what cannot be built is among the outcome's problems.
    """
    builder = _Builder(course)
    stale, outcome = builder.stale(names)
    for made in _make(stale, jobs, say):
        if made.failed:
            outcome.problems.append(made.failed)
        else:
            outcome.written += builder.write(made)
    builder.manifest.save()
    return outcome


def check(
    course: Course,
    names: Iterable[str] = (),
    *,
    jobs: int = 1,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Compare the built files with what their sources make; write nothing.

    What is up to date by the manifest is not built again. Raises GraderError for an unknown name.
    """
    builder = _Builder(course)
    stale, outcome = builder.stale(names)
    for made in _make(stale, jobs, say):
        found = [made.failed] if made.failed else builder.drifted(made)
        outcome.problems += found
        outcome.unchanged += not found
    if not names:
        outcome.problems += [
            f"{builder.shown(path)}: its text is gone; remove it" for path in orphans_of(course)
        ]
    return outcome


class _Builder:
    def __init__(self, course: Course) -> None:
        self.course = course
        self.manifest = Manifest.load(course.root / "course")

    def shown(self, path: Path) -> str:
        return path.relative_to(self.course.root).as_posix()

    def stale(self, names: Iterable[str]) -> tuple[list[Unit], Outcome]:
        """The units to build, and an outcome that counts the others."""
        chosen = _chosen(units_of(self.course), set(names))
        stale = [unit for unit in chosen if not self._up_to_date(unit)]
        return stale, Outcome(unchanged=len(chosen) - len(stale))

    def _up_to_date(self, unit: Unit) -> bool:
        return self.manifest.units.get(unit.key) == self._state(unit, unit.present())

    def _state(self, unit: Unit, files: Iterable[Path]) -> dict[str, str]:
        built = {self.shown(path): digest_of_file(path) for path in files}
        return {"": digest_of(self.course.root, unit.sources()), **built}

    def write(self, made: Made) -> list[str]:
        """Write the files that differ, remove those that are too many, note it all."""
        written = []
        for path, content in made.files.items():
            if drift(path, content) is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                written.append(self.shown(path))
        for path in made.unit.present() - made.files.keys():
            path.unlink()
            written.append(f"{self.shown(path)} (removed)")
        self.manifest.units[made.unit.key] = self._state(made.unit, made.files)
        return written

    def drifted(self, made: Made) -> list[str]:
        """The differences of one unit, a sentence each."""
        again = f"`grader build {made.unit.name}` writes it again"
        found = [
            f"{self.shown(path)}: {difference}; {again}"
            for path, content in made.files.items()
            if (difference := drift(path, content)) is not None
        ]
        extra = sorted(made.unit.present() - made.files.keys())
        return found + [f"{self.shown(path)}: is not built from anything" for path in extra]


def _chosen(units: list[Unit], names: set[str]) -> list[Unit]:
    known = {unit.name for unit in units}
    if unknown := sorted(names - known):
        told = ", ".join(sorted(known)) or "none"
        raise GraderError(f"There is no lesson or lab '{unknown[0]}'. There are: {told}.")
    return [unit for unit in units if not names or unit.name in names]


def _make(units: list[Unit], jobs: int, say: Callable[[str], None]) -> Iterable[Made]:
    def make(unit: Unit) -> Made:
        say(f"building {unit.key}")
        try:
            return Made(unit, unit.make())
        except BuildError as error:
            return Made(unit, failed=str(error))
        except GraderError as error:
            return Made(unit, failed=f"{unit.key}: {error}")

    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        yield from pool.map(make, units)
