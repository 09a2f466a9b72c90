"""Every operation of the course's services answers in AWS's wire shape, and coverage is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cbor2
import pytest
from moto.core.model import ListShape, MapShape, StructureShape

from labcloud.coverage import kind_of, page
from labcloud.engine import ACCOUNT, REGION
from labcloud.kept import package_of
from labcloud.services import BY_SIGNING_NAME, SERVICES, model_of, operations
from labcloud.state import backend_at, dump, load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from labcloud.cloud import Cloud
    from labcloud.gateway import Gateway

    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    cloud.port = 4510
    yield Gateway(cloud)
    cloud.stop()


def minimal(shape: Any) -> Any:
    """A value of a shape with nothing in it but what is required."""
    if isinstance(shape, StructureShape):
        if shape.is_tagged_union:
            return {}
        return {name: minimal(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [minimal(shape.member)]
    if isinstance(shape, MapShape):
        return {}
    if shape.enum if shape.type_name == "string" else ():
        return shape.enum[0]
    simple = {"string": "0" * max(shape.metadata.get("min", 1), 1), "boolean": False, "blob": b"x"}
    return simple.get(shape.type_name, max(int(shape.metadata.get("min", 1)), 1))


def request_of(service: str, name: str) -> Any:
    """The request a client would send, serialized by botocore itself."""
    from urllib.parse import urlencode

    from botocore.serialize import create_serializer

    from labcloud.http import BytesBody, Headers, Request

    operation = model_of(service).operation_model(name)
    asked = minimal(operation.input_shape) if operation.input_shape else {}
    protocol = model_of(service).protocol
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(
        asked, operation
    )
    body = sent["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    data = body.encode() if isinstance(body, str) else bytes(body)
    path, _, query = sent["url_path"].partition("?")
    extra = sent["query_string"]
    extra = extra if isinstance(extra, str) else urlencode(extra, doseq=True)
    scope = f"test/20260101/us-east-1/{model_of(service).signing_name}/aws4_request"
    headers = {
        "Host": "127.0.0.1:4510",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        **sent["headers"],
    }
    joined = "&".join(part for part in (query, extra) if part)
    fields = [(key, str(value)) for key, value in headers.items()]
    return Request(sent["method"], path, joined, Headers(fields), BytesBody(data)), protocol


def assert_aws_shape(protocol: str, response: Any, what: str) -> None:
    assert isinstance(response.status, int)
    body = response.body if isinstance(response.body, bytes) else b"".join(response.body)
    assert not body.lstrip().lower().startswith((b"<!doctype", b"<html")), (what, body[:200])
    if response.status < 400 or not body:
        return
    if protocol == "smithy-rpc-v2-cbor":
        assert cbor2.loads(body)["__type"], what
    elif "json" in protocol:
        answer = json.loads(body)
        headers = {name.lower(): value for name, value in response.headers}
        assert answer.get("__type") or "x-amzn-errortype" in headers, (what, body[:300])
    else:
        code = ElementTree.fromstring(body).find(".//{*}Code")
        assert code is not None and code.text, (what, body[:300])


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_answers_in_its_wire_shape(gateway: Any, service: str) -> None:
    wrong = []
    for name in operations(service):
        request, protocol = request_of(service, name)
        response = gateway.handle(request)
        assert_aws_shape(protocol, response, f"{service}:{name}")
        if (response.status == 501) != (kind_of(service, name) == "absent"):
            wrong.append((name, kind_of(service, name), response.status))
    assert wrong == []
    assert_can_be_restored(service)


def assert_can_be_restored(service: str) -> None:
    """What moto keeps by now can be written and read again: else a restart would lose it."""
    if (package := package_of(service)) is not None:
        backend = backend_at(package.name, ACCOUNT, REGION)
        load(backend, dump(backend))


def test_the_table_of_signing_names_is_botocores() -> None:
    for signing_name, services in BY_SIGNING_NAME.items():
        for service in services:
            assert model_of(service).signing_name == signing_name, service


def test_the_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs/coverage.md").read_text() == page(), (
        "docs/coverage.md drifted: run `labcloud coverage --write docs/coverage.md`"
    )


def test_nothing_is_called_executed_without_an_engine() -> None:
    from labcloud.engine import ENGINES

    executed = {s for s in SERVICES for o in operations(s) if kind_of(s, o) == "executed"}
    assert executed <= set(ENGINES)
