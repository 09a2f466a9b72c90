"""nbgrader's configuration for this course; `grader/hooks.py` says what it sets and why."""

from pathlib import Path

from grader.hooks import configure

configure(get_config(), Path(__file__).resolve().parent)  # noqa: F821  # traitlets gives it
