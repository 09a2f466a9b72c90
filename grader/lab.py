"""Lab: what a lab's notebook talks to."""

from __future__ import annotations

import atexit
import contextlib
import os
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.loaders import Loader, create_loader

from grader.answers import get_answers, put_answer, remove_answers
from grader.buckets import remove_bucket
from grader.checks import LabChecks, load_checks
from grader.fresh import fresh_cloud
from grader.layout import checks_of, data_of
from grader.report import CheckFailed, Result
from grader.run import run_check
from grader.student import bucket_name, seed, student
from labcloud import bill, connect

VALIDATING = "validate"
"""What nbgrader puts into NBGRADER_EXECUTION while it validates."""


@dataclass(frozen=True)
class LabContext:
    """What a check may know of the lab."""

    name: str
    bucket: str
    student: str
    seed: int
    region: str
    account: str
    data: Path


class Lab:
    """A lab: the cloud it runs on, its data, its checks and the answers declared in it.

    Making one connects to the target, prints what the lab is and needs, and then runs the lab's
    own `setup`.
    """

    def __init__(self, name: str, *, folder: Path | None = None, quiet: bool = False) -> None:
        """Connect, announce, set up.

        `folder` is where the lab's files are, by default the current folder, which in Jupyter is
        the notebook's. Raises labcloud.ConnectError and GraderError.
        """
        folder = folder or Path.cwd()
        self.name = name
        self.student = student()
        self.seed = seed(name, self.student)
        self.data = data_of(folder)
        self._checks: LabChecks = load_checks(checks_of(name, folder))
        self._own_cloud = _enter_fresh_cloud_to_validate()
        os.environ["AWS_SDK_UA_APP_ID"] = name
        self.aws: boto3.Session = connect(quiet=quiet)
        self.region = str(self.aws.region_name)
        self._own = _session()
        self.account = str(self._own.client("sts").get_caller_identity()["Account"])
        self.bucket = bucket_name(name, self.account, self.student)
        if not quiet:
            self._announce()
        if self._checks.setup is not None:
            self._checks.setup(self._own, self.context)

    @cached_property
    def context(self) -> LabContext:
        """The lab as checks see it."""
        return LabContext(
            self.name,
            self.bucket,
            self.student,
            self.seed,
            self.region,
            self.account,
            self.data,
        )

    @property
    def checks(self) -> list[str]:
        """The names of the checks that are here: in a release, the visible ones."""
        return list(self._checks.checks)

    def answer(self, name: str, value: Any) -> None:
        """Declare an answer; declared again, the last one counts.

        `value` is anything that JSON can hold, NumPy's and pandas' numbers among it. Raises
        GraderError where it cannot be stored.
        """
        put_answer(self._own, self.name, name, value)

    def check(self, name: str) -> None:
        """Run a check and print that it passed.

        Raises CheckFailed, whose text is the report, where it did not.
        """
        result = self.result(name)
        if not result.passed:
            raise CheckFailed(result)
        print(result.shown())

    def result(self, name: str) -> Result:
        """Run a check, over a session of its own, and return what it gave."""
        check = self._checks[name]
        return run_check(check, self._own, get_answers(self._own, self.name), self.context)

    def cleanup(self) -> None:
        """Remove what the lab made, and say what it would have cost on AWS.

        Removes what the lab's own `cleanup` removes, the lab's bucket and the declared answers.
        While nbgrader validates on another cloud than one of its own, everything stays.
        """
        if os.environ.get("NBGRADER_EXECUTION") == VALIDATING and not self._own_cloud:
            print("Validate leaves everything in place.")
            return
        if self._checks.cleanup is not None:
            self._checks.cleanup(self._own, self.context)
        print("\n".join([*self._remove(), *_cost(self.name)]))

    def _remove(self) -> list[str]:
        lines = []
        removed = remove_bucket(self._own, self.bucket)
        if removed is not None:
            lines.append(f"Removed the bucket {self.bucket}; object versions: {removed.objects:,}.")
            if removed.kept:
                lines[-1] = f"{self.bucket} stays; locked versions: {removed.kept:,}. {removed.why}"
        answers = remove_answers(self._own, self.name)
        if answers:
            lines.append(f"Removed the declared answers: {answers}.")
        return lines or ["Nothing is left of this lab."]

    def _announce(self) -> None:
        print(f"Lab {self.name}. Your bucket: {self.bucket}")
        if self._checks.needs:
            print(self._checks.needs.strip())


def _session() -> boto3.Session:
    """A session of the lab's own, for checks and cleanup; never the one in the student's hands."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _service_models())
    return boto3.Session(botocore_session=core)


@cache
def _service_models() -> Loader:
    """AWS's service models, read once for all labs of a process."""
    return create_loader()


def _enter_fresh_cloud_to_validate() -> bool:
    """In nbgrader's Validate, put this process on an empty labcloud of its own.

    Validate runs the whole notebook again, cleanup included. It does so where grading does, on
    an empty cloud, and leaves the student's own alone.
    """
    validating = os.environ.get("NBGRADER_EXECUTION") == VALIDATING
    if not validating or os.environ.get("LAB_TARGET", "local") != "local":
        return False
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    os.environ.update(stack.enter_context(fresh_cloud()).environment)
    return True


def _cost(lab: str) -> list[str]:
    billed = bill(lab)
    if billed is None:
        return []
    return [f"On AWS this lab would have cost {_dollars(billed['total'])}."]


def _dollars(amount: float) -> str:
    return f"{amount:,.2f} USD" if amount >= 0.01 else "less than 0.01 USD"
