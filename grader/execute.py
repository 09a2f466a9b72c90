"""nbgrader's execution of a submission: on a labcloud of its own, as its student."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import Execute

from grader.fresh import environment, fresh_cloud
from grader.layout import SOLUTIONS_VARIABLE


class ExecuteOnFreshCloud(Execute):  # type: ignore[misc]  # nbgrader has no types
    """Runs a submitted notebook with hidden checks at hand.

    The kernel inherits the environment: an empty cloud, the student's id (which nbgrader tells
    its preprocessors but not the kernel) and the folder of the instructor's checks.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook and return it with its outputs."""
        with fresh_cloud() as cloud:
            grading = {
                **cloud.environment,
                "LAB_STUDENT": resources["nbgrader"]["student"],
                SOLUTIONS_VARIABLE: str(Path.cwd() / "solutions"),
            }
            with environment(grading):
                done: tuple[NotebookNode, dict[str, Any]] = super().preprocess(
                    nb, resources, **options
                )
        return done
