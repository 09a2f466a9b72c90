"""What the grader raises: each message is a sentence or two that says what to do."""


class GraderError(Exception):
    """Something of the course is not as the grader expects it."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the message."""
        return str(self).split("\n")


class BuildError(GraderError):
    """A notebook cannot be built from its text."""
