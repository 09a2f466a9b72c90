"""The bucket is not made."""

from typing import Any

CHECK = "bucket-closed"
MESSAGE = "The lab's bucket does not exist yet"


def answer(lab: Any) -> None:
    """Declare something, make nothing."""
    lab.answer("csv_bytes", 1)
