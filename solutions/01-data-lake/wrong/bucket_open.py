"""The public access block is taken away."""

from typing import Any

from solution_steps import close_bucket, make_bucket

CHECK = "bucket-closed"
MESSAGE = "The bucket has no public access block"


def answer(lab: Any) -> None:
    """Close the bucket, then open it."""
    make_bucket(lab)
    close_bucket(lab)
    lab.aws.client("s3").delete_public_access_block(Bucket=lab.bucket)
