"""Building is repeatable, costs nothing when nothing changed, and notices edits by hand."""

from __future__ import annotations

import json
import shutil

import pytest

from grader import build
from grader.cli import main


@pytest.fixture
def labs_only(course):
    """The course without its lesson: what it builds, it builds fast."""
    shutil.rmtree(course.root / "course")
    return type(course)(course.root)


def files(course):
    """All built files and their bytes."""
    built = [*course.root.rglob("*.ipynb"), *(course.root / "labs").rglob("*.py")]
    return {path.relative_to(course.root).as_posix(): path.read_bytes() for path in built}


def edit(path, change):
    """Change a notebook as somebody might by hand."""
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


def test_a_lab_becomes_an_instructors_and_a_students_folder(labs_only):
    outcome = build.build(labs_only)
    assert outcome.problems == []
    assert sorted(files(labs_only)) == [
        "labs/01-mini/01-mini.ipynb",
        "labs/01-mini/checks.py",
        "solutions/01-mini/01-mini.ipynb",
    ]


def test_rebuilding_gives_the_same_bytes(labs_only):
    build.build(labs_only)
    first = files(labs_only)
    shutil.rmtree(labs_only.root / "labs")
    (labs_only.root / "course" / ".built.json").unlink()
    build.build(labs_only)
    assert files(labs_only) == first


def test_what_has_not_changed_is_not_built_again(labs_only):
    build.build(labs_only)
    told = []
    assert build.build(labs_only, say=told.append).unchanged == 1
    assert build.check(labs_only, say=told.append).problems == []
    assert told == []


def test_files_beside_the_lab_travel_and_known_answers_stay(labs_only):
    lab = labs_only.lab("01-mini")
    (lab.source / "map.svg").write_text("<svg/>")
    build.build(labs_only)
    assert (lab.release / "map.svg").read_text() == "<svg/>"
    assert sorted(path.name for path in lab.release.iterdir()) == [
        "01-mini.ipynb",
        "checks.py",
        "map.svg",
    ]


def test_an_edit_by_hand_is_named_with_file_and_cell(labs_only):
    build.build(labs_only)
    release = labs_only.lab("01-mini").release
    edit(release / "01-mini.ipynb", lambda nb: nb["cells"][3].update(source=["solved"]))
    (release / "checks.py").write_text("cheat = True\n")
    (release / "answers.txt").write_text("12")
    (problem, other, extra) = build.check(labs_only).problems
    assert problem.startswith(
        "labs/01-mini/01-mini.ipynb: cell 4 (def greet(lab):) differs in its source; "
    )
    assert other.startswith("labs/01-mini/checks.py: line 1 differs; `grader build 01-mini`")
    assert extra == "labs/01-mini/answers.txt: is not built from anything"
    build.build(labs_only)
    assert build.check(labs_only).problems == []
    assert not (release / "answers.txt").exists()


def test_a_changed_text_drifts_until_it_is_built(labs_only):
    build.build(labs_only)
    text = labs_only.lab("01-mini").text
    text.write_text(text.read_text() + "\nOne more thing.\n")
    assert "has 11 cells; its text makes 12" in build.check(labs_only).problems[0]
    build.build(labs_only)
    assert build.check(labs_only).problems == []


def test_a_release_without_source_is_named(labs_only):
    build.build(labs_only)
    shutil.copytree(labs_only.lab("01-mini").release, labs_only.root / "labs" / "09-gone")
    assert build.check(labs_only).problems == ["labs/09-gone: its text is gone; remove it"]


def test_the_command_builds_checks_and_fails_readably(labs_only, capsys):
    course = ["--course", str(labs_only.root)]
    assert main(["build", *course]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 up to date, 3 files written"
    assert main(["build", "--check", *course]) == 0
    text = labs_only.lab("01-mini").text
    text.write_text(text.read_text().replace(":grade: greeted", ":grade: greted"))
    assert main(["build", "--check", *course]) == 1
    assert "There is no check 'greted' in this lab." in capsys.readouterr().err
    assert main(["build", "02-nothing", *course]) == 1
    assert capsys.readouterr().err == (
        "grader: There is no lesson or lab '02-nothing'. There are: 01-mini.\n"
    )


@pytest.mark.slow
def test_a_lesson_runs_on_a_cloud_of_its_own_and_its_outputs_stay_the_same(course):
    assert build.build(course, jobs=2).problems == []
    notebook = course.lessons[0].notebook
    cells = json.loads(notebook.read_text())["cells"]
    printed = cells[1]["outputs"][0]["text"]
    assert printed[-1] == "http://127.0.0.1:4510 <object object at 0x…>\n"
    refused = "".join(cells[-1]["outputs"][0]["traceback"])
    assert "NoSuchBucket" in refused
    assert "site-packages" not in refused

    edit(notebook, lambda nb: nb["cells"][3].update(outputs=[]))
    assert build.check(course).problems == [], "the clock's cell varies"
    edit(notebook, lambda nb: nb["cells"][1].update(outputs=[]))
    (problem,) = build.check(course).problems
    assert problem.startswith(
        "course/01-mini.ipynb: cell 2 (from labcloud import connect) differs in its outputs"
    )


@pytest.mark.slow
def test_a_lesson_that_fails_names_the_cell_and_the_error(course):
    text = course.lessons[0].text
    text.write_text(text.read_text().replace(":tags: [raises-exception]\n", ""))
    (problem,) = build.build(course).problems
    assert 'code cell 3 (s3.list_objects_v2(Bucket="farewells")) failed.' in problem
    assert "NoSuchBucket" in problem
