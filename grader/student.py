"""Who works on a lab, and what follows from it: the seed and the bucket's name."""

from __future__ import annotations

import hashlib
import os
import re

LONGEST_BUCKET = 63  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html


def student() -> str:
    """Return the student's id, from `LAB_STUDENT`; "" is nobody in particular."""
    return os.environ.get("LAB_STUDENT", "").strip()


def seed(lab: str, student: str) -> int:
    """Return the number from which a student's inputs of a lab are drawn: same pair, same seed."""
    digest = hashlib.sha256(f"{lab}\0{student}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def bucket_name(lab: str, account: str, student: str) -> str:
    """Return the lab's bucket name: valid for S3, one per account and student."""
    stem = f"lab-{lab}-{account}".lower()
    if not student:
        return stem
    return f"{stem}-{_label(student, LONGEST_BUCKET - len(stem) - 1)}"


def _label(student: str, room: int) -> str:
    """The student's id in a bucket's letters; where some were lost, a hash keeps it unique."""
    label = re.sub(r"[^a-z0-9]+", "-", student.lower()).strip("-")
    if label == student and len(label) <= room:
        return label
    digest = hashlib.sha256(student.encode()).hexdigest()[:8]
    return f"{label[: room - 9]}-{digest}".strip("-")
