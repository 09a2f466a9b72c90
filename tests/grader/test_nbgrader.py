"""nbgrader's own commands on this layout, with the course's one configuration."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import build

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def nbgrader(course, tmp_path):
    """Run an nbgrader command in the built course."""
    shutil.rmtree(course.root / "course")
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    build.build(course)
    home = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "LABCLOUD_DIR": str(tmp_path / "own")}

    def run(*arguments):
        command = [sys.executable, "-m", "nbgrader", *arguments]
        environment = {**os.environ, **home}
        return subprocess.run(
            command, cwd=course.root, env=environment, capture_output=True, text=True, timeout=240
        )

    return run


def tree(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def outputs(path):
    """What each cell of a notebook shows, by cell id."""
    shown = {}
    for cell in json.loads(path.read_text())["cells"]:
        parts = [
            "".join(output.get("text", [])) or "\n".join(output.get("traceback", []))
            for output in cell.get("outputs", [])
        ]
        shown[cell["id"]] = "".join(parts)
    return shown


def test_release_grade_and_feedback_end_to_end(course, mini, nbgrader):
    built = tree(mini.release)
    assert nbgrader("generate_assignment", "01-mini", "--force").returncode == 0
    assert tree(mini.release) == built, "nbgrader releases what `grader build` builds"

    for student, notebook in (("ann", mini.notebook), ("bob", mini.release / "01-mini.ipynb")):
        submission = course.root / "submitted" / student / "01-mini"
        submission.mkdir(parents=True)
        shutil.copy(notebook, submission)
        (submission / "checks.py").write_text("raise SystemExit('a forged checks.py')")
    done = nbgrader("autograde", "01-mini")
    assert done.returncode == 0, done.stderr

    assert nbgrader("export").returncode == 0
    rows = list(csv.DictReader((course.root / "grades.csv").read_text().splitlines()))
    scores = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in rows}
    assert scores == {"ann": (6, 6), "bob": (0, 6)}

    ann = outputs(course.root / "autograded/ann/01-mini/01-mini.ipynb")
    assert "Your bucket: lab-01-mini-123456789012-ann" in ann["start"]
    assert ann["polite"] == "✓ polite (3/3 points)\n"
    bob = outputs(course.root / "autograded/bob/01-mini/01-mini.ipynb")
    assert bob["greeted"].startswith("The bucket does not exist.\n")
    assert "NotImplementedError" in bob["measure"]

    assert nbgrader("generate_feedback", "01-mini").returncode == 0
    page = (course.root / "feedback/bob/01-mini/01-mini.html").read_text()
    assert "Read the greeting aloud." in page
    assert "is not polite" not in page


def test_validate_prints_our_sentences_and_leaves_the_students_cloud_alone(
    mini, nbgrader, tmp_path
):
    done = nbgrader("validate", str(mini.release / "01-mini.ipynb"))
    assert "VALIDATION FAILED ON 2 CELL(S)" in done.stdout
    assert "    The bucket does not exist.\n" in done.stdout
    assert "    There is no answer 'size' yet.\n" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "own").exists()

    done = nbgrader("validate", str(mini.notebook))
    assert "Success! Your notebook passes all the tests." in done.stdout


def test_list_and_exchange_work_without_a_class_folder(nbgrader, course):
    done = nbgrader("list")
    assert done.returncode == 0, done.stderr
    assert (course.root / ".exchange").is_dir()
