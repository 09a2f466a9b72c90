"""Running one check: quietly, and never with a traceback as the answer."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

from grader.checks import Check
from grader.findings import Findings, collecting
from grader.problems import MissingAnswer, sentence_of
from grader.report import Result


class Answers(dict[str, Any]):
    """The declared answers; one that is missing fails the check with a sentence."""

    def __missing__(self, name: str) -> Any:
        raise MissingAnswer(name)


def run_check(check: Check, aws: Any, answers: dict[str, Any], lab: Any) -> Result:
    """Run a check over the cloud and the answers.

    `aws` is a session of the check's own, `lab` a LabContext. What the check collected before an
    error broke it off is kept.
    """
    error: Exception | None = None
    with collecting() as made, _quiet():
        try:
            returned = check.function(aws, Answers(answers), lab)
            if not isinstance(returned, Findings):
                raise TypeError(f"the check '{check.name}' returns no Findings")
        except Exception as raised:  # whatever ends a check becomes a sentence of its report
            error = raised
    sentences = list(dict.fromkeys(s for found in made for s in found.sentences))
    mistakes = [name for found in made for name in found.mistakes]
    if error is not None:
        sentences.append(sentence_of(error, lab.bucket))
    return Result(check, lab.name, sentences, mistakes, error)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings and stderr off the cell: nbgrader takes any stderr for a failure."""
    previous = logging.raiseExceptions
    logging.raiseExceptions = False
    try:
        with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.raiseExceptions = previous
