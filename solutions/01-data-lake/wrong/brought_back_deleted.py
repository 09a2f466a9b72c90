"""A delete without a version hides everything."""

from typing import Any

from solution_steps import break_reference, keep_versions, make_bucket

CHECK = "brought-back"
MESSAGE = "A delete marker hides the airlines"


def answer(lab: Any) -> None:
    """Delete the key in the hope that the version below appears."""
    make_bucket(lab)
    keep_versions(lab)
    break_reference(lab)
    lab.aws.client("s3").delete_object(Bucket=lab.bucket, Key="reference/airlines.csv")
