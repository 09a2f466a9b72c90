"""A lab as its notebook uses it, on a labcloud."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import boto3
import numpy as np
import pytest

from grader import CheckFailed, Lab, remove_bucket
from grader.answers import get_answers
from grader.cli import main
from grader.errors import GraderError

pytestmark = pytest.mark.usefixtures("fresh")


@pytest.fixture
def student(monkeypatch, request):
    """A student of the test's own."""
    name = request.node.name.replace("_", "-")[:20]
    monkeypatch.setenv("LAB_STUDENT", name)
    return name


@pytest.fixture
def lab(mini, student):
    opened = Lab("01-mini", folder=mini.source, quiet=True)
    yield opened
    opened.cleanup()


def put(lab, key="hello.txt", body=b"hello"):
    s3 = lab.aws.client("s3")
    s3.create_bucket(Bucket=lab.bucket)
    s3.put_object(Bucket=lab.bucket, Key=key, Body=body)


def test_a_lab_says_what_it_is_before_anything_is_made(mini, student, capsys):
    opened = Lab("01-mini", folder=mini.source)
    target, title, needs = capsys.readouterr().out.splitlines()
    assert "account 123456789012" in target
    assert title == f"Lab 01-mini. Your bucket: {opened.bucket}"
    assert needs == "It makes one object of some bytes."
    assert opened.data == mini.source.parents[1] / "data"
    opened.cleanup()


def test_a_check_passes_or_raises_its_report(lab, capsys):
    with pytest.raises(CheckFailed, match=r"The bucket does not exist\.\n  Found no lab-01-mini-"):
        lab.check("greeted")
    put(lab)
    lab.check("greeted")
    assert capsys.readouterr().out == "✓ greeted — The bucket holds hello.txt. (2/2 points)\n"


def test_a_missing_object_and_an_unknown_check_are_sentences(lab):
    put(lab, key="other.txt")
    told = lab.result("polite").full()
    assert told.startswith("There is no object hello.txt.\n")
    with pytest.raises(GraderError, match="There is no check 'polish'"):
        lab.check("polish")


def test_answers_are_kept_in_the_cloud_as_plain_values(lab):
    lab.answer("busiest_month", np.int64(7))
    lab.answer("busiest_month", np.int64(8))
    lab.answer("mean", Decimal("1.5"))
    lab.answer("first_day", date(2013, 1, 1))
    lab.answer("carriers", {"UA", "AA"})
    lab.answer("delays", np.array([1.0, 2.0]))
    assert get_answers(boto3.Session(), "01-mini") == {
        "busiest_month": 8,
        "mean": 1.5,
        "first_day": "2013-01-01",
        "carriers": ["AA", "UA"],
        "delays": [1.0, 2.0],
    }


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("two words", 1, "cannot name an answer"),
        ("all", "x" * 5000, "Declare the result, not the data"),
        ("file", io.BytesIO(), "BytesIO, which JSON cannot hold"),
    ],
)
def test_an_answer_that_cannot_be_kept_says_why(lab, name, value, words):
    with pytest.raises(GraderError, match=words):
        lab.answer(name, value)


def test_cleanup_leaves_nothing_of_the_lab(mini, student, capsys):
    lab = Lab("01-mini", folder=mini.source, quiet=True)
    put(lab)
    s3, ssm = lab.aws.client("s3"), lab.aws.client("ssm")
    s3.put_bucket_versioning(Bucket=lab.bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=lab.bucket, Key="hello.txt", Body=b"again")
    s3.delete_object(Bucket=lab.bucket, Key="hello.txt")
    s3.create_multipart_upload(Bucket=lab.bucket, Key="big")
    lab.answer("size", 5)

    lab.cleanup()

    told = capsys.readouterr().out
    assert f"Removed the bucket {lab.bucket}; object versions: 3." in told
    assert "Removed the declared answers: 1." in told
    assert "On AWS this lab would have cost" in told
    assert lab.bucket not in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    assert ssm.describe_parameters()["Parameters"] == []
    lab2 = Lab("01-mini", folder=mini.source, quiet=True)
    lab2.cleanup()
    assert "Nothing is left of this lab." in capsys.readouterr().out


def test_cleanup_removes_governance_locks_and_tells_of_what_stays(lab):
    s3 = lab.aws.client("s3")
    s3.create_bucket(Bucket=f"{lab.bucket}-locked", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket=f"{lab.bucket}-locked", Key="a", Body=b"a")
    s3.put_object_legal_hold(Bucket=f"{lab.bucket}-locked", Key="a", LegalHold={"Status": "ON"})
    removed = remove_bucket(lab.aws, f"{lab.bucket}-locked")
    assert removed is not None
    assert (removed.objects, removed.kept) == (0, 1)
    s3.put_object_legal_hold(Bucket=f"{lab.bucket}-locked", Key="a", LegalHold={"Status": "OFF"})
    removed = remove_bucket(lab.aws, f"{lab.bucket}-locked")
    assert removed is not None
    assert (removed.objects, removed.kept) == (1, 0)
    assert remove_bucket(lab.aws, f"{lab.bucket}-locked") is None


def test_validate_works_on_a_cloud_of_its_own(mini, student, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setenv("LAB_TARGET", boto3.Session().client("s3").meta.endpoint_url)
    lab = Lab("01-mini", folder=mini.source, quiet=True)
    put(lab)
    lab.cleanup()
    assert capsys.readouterr().out == "Validate leaves everything in place.\n"
    lab.check("greeted")
    monkeypatch.delenv("NBGRADER_EXECUTION")
    lab.cleanup()


def test_the_check_command_reports_hidden_checks_in_full(course, lab, capsys):
    put(lab, body=b"go away")
    command = ["check", "--course", str(course.root), "01-mini"]
    assert main([*command, "greeted", "polite"]) == 1
    told = capsys.readouterr().out
    assert "✓ greeted — The bucket holds hello.txt. (2/2 points)" in told
    assert "The greeting is not polite." in told
    assert told.endswith("\n2 of 5 points\n")
    assert main([*command, "greeted"]) == 0
