"""The empty version is deleted for good."""

from typing import Any

from solution_steps import break_reference, keep_versions, make_bucket

CHECK = "brought-back"
MESSAGE = "The empty version is gone from the history"


def answer(lab: Any) -> None:
    """Delete the newest version by its id."""
    make_bucket(lab)
    keep_versions(lab)
    break_reference(lab)
    s3 = lab.aws.client("s3")
    name = {"Bucket": lab.bucket, "Key": "reference/airlines.csv"}
    s3.delete_object(**name, VersionId=s3.head_object(**name)["VersionId"])
