"""An upload from a browser's form, as far as its signed policy lets it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest


@pytest.fixture(scope="module")
def s3(aws: Any) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="forms")
    return client


def post(form: dict[str, Any], content: bytes = b"from a form", **more: str) -> httpx.Response:
    fields = {**form["fields"], **more}
    return httpx.post(form["url"], data=fields, files={"file": ("my notes.txt", content)})


def test_a_form_uploads_under_its_key(s3: Any) -> None:
    form = s3.generate_presigned_post("forms", "up/${filename}")
    assert post(form).status_code == 204
    found = s3.get_object(Bucket="forms", Key="up/my notes.txt")
    assert found["Body"].read() == b"from a form"


def test_fields_become_headers_and_metadata(s3: Any) -> None:
    extra = {"Content-Type": "text/plain", "x-amz-meta-lab": "01"}
    form = s3.generate_presigned_post(
        "forms", "typed", Fields=extra, Conditions=[{name: value} for name, value in extra.items()]
    )
    assert post(form).status_code == 204
    found = s3.head_object(Bucket="forms", Key="typed")
    assert (found["ContentType"], found["Metadata"]) == ("text/plain", {"lab": "01"})


def test_what_success_says(s3: Any) -> None:
    status = [{"success_action_status": "201"}]
    form = s3.generate_presigned_post("forms", "told", Conditions=status)
    answer = post(form, success_action_status="201")
    told = ElementTree.fromstring(answer.text)
    assert (answer.status_code, told.findtext("Key")) == (201, "told")
    go_on = [["starts-with", "$success_action_redirect", ""]]
    form = s3.generate_presigned_post("forms", "gone-on", Conditions=go_on)
    answer = post(form, success_action_redirect="http://127.0.0.1/thanks")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://127.0.0.1/thanks?bucket=forms&key=gone-on")


@pytest.mark.parametrize(
    ("conditions", "more", "status", "words"),
    [
        ([["content-length-range", 1, 5]], {}, 400, "EntityTooLarge"),
        ([["content-length-range", 50, 60]], {}, 400, "EntityTooSmall"),
        (
            [["starts-with", "$x-amz-meta-lab", "0"]],
            {"x-amz-meta-lab": "1"},
            403,
            "Condition failed",
        ),
        ([], {"x-amz-meta-lab": "1"}, 403, "Extra input fields: x-amz-meta-lab"),
        ([], {"key": "elsewhere"}, 403, "Condition failed"),
        ([], {"policy": "bm90IGpzb24="}, 400, "InvalidPolicyDocument"),
    ],
)
def test_what_the_policy_does_not_allow(
    s3: Any, conditions: list[Any], more: dict[str, str], status: int, words: str
) -> None:
    form = s3.generate_presigned_post("forms", "refused", Conditions=conditions)
    answer = post(form, **more)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix="refused")


def test_a_policy_expires_by_the_clouds_clock(labcloud_server: Any) -> None:
    s3 = labcloud_server.session().client("s3")
    s3.create_bucket(Bucket="forms")
    form = s3.generate_presigned_post("forms", "k", ExpiresIn=3600)
    assert post(form).status_code == 204
    labcloud_server.running.control("clock", advance="2h")
    assert "Policy expired" in post(form).text


def test_without_a_signature_a_form_is_anonymous(s3: Any, cloud: Any) -> None:
    answer = httpx.post(f"{cloud.url}/forms", data={"key": "k"}, files={"file": ("f", b"x")})
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)


def test_a_form_without_a_key_or_a_file_says_what_is_missing(s3: Any) -> None:
    form = s3.generate_presigned_post("forms", "k")
    nothing = httpx.post(form["url"], data=form["fields"], files={"other": ("f", b"x")})
    assert "exactly one file" in nothing.text
    del form["fields"]["key"]
    assert "field named 'key'" in post(form).text
