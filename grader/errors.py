"""What the grader raises: each message is a sentence or two that says what to do."""

import textwrap

WIDTH = 83
"""nbgrader's Validate cuts lines at 87 characters, of which 4 are its indent."""


class GraderError(Exception):
    """Something of the course is not as the grader expects it."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the message."""
        lines = [
            textwrap.wrap(line, WIDTH, break_on_hyphens=False) for line in str(self).split("\n")
        ]
        return [part for line in lines for part in line]


class BuildError(GraderError):
    """A notebook cannot be built from its text."""
