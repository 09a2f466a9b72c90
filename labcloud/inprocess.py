"""AWS operations called in process: what engines use to reach another service."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.request import Request as MotoRequest

from labcloud.engine import Context, operation_of
from labcloud.errors import AWSError
from labcloud.http import BytesBody, Response
from labcloud.kept import MOTO_ERRORS, of_moto
from labcloud.services import operation_model

if TYPE_CHECKING:
    from labcloud.cloud import Cloud


def call(
    cloud: Cloud,
    service: str,
    operation: str,
    request: dict[str, Any],
    account: str,
    region: str,
) -> dict[str, Any]:
    """Return an operation's output: from the service's engine, else from moto. Raises AWSError."""
    context = Context(service, operation, account, region, request_id=uuid.uuid4().hex[:16])
    engine = cloud.engine(service)
    method = operation_of(engine, operation) if engine else None
    if method is None:
        return moto_call(cloud, context, request)
    asked = dict(request)
    if isinstance(body := asked.get("Body"), (bytes, str)):
        asked["Body"] = BytesBody(body.encode() if isinstance(body, str) else body)
    try:
        return method(asked, context)
    except MOTO_ERRORS as error:
        raise of_moto(error) from error


def moto_call(cloud: Cloud, context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Return moto's answer to an operation, sent and read in the JSON, query or REST protocol."""
    model = operation_model(context.service, context.operation)
    offered = model.service_model.metadata.get("protocols", [model.service_model.protocol])
    protocol = next(name for name in offered if "cbor" not in name)
    sent = create_serializer(protocol, include_validation=False).serialize_to_request(
        request, model
    )
    query = sent["query_string"]
    query = query if isinstance(query, str) else urlencode(query, doseq=True)
    url = f"http://127.0.0.1:{cloud.port}{sent['url_path']}"
    headers = {name: str(value) for name, value in sent["headers"].items()}
    scope = f"{context.access_key}/20000101/{context.region}/{model.service_model.signing_name}"
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, SignedHeaders=host, Signature=0"
    )
    body = sent["body"]
    data = urlencode(body).encode() if isinstance(body, dict) else body
    if protocol in ("query", "ec2"):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    http = MotoRequest.from_primitives(
        sent["method"], f"{url}?{query}" if query else url, headers, data
    )
    answer = cloud.kept.answer(
        context.service, context.operation, http, context.account, context.region
    )
    return _read(answer, protocol, context)


def _read(answer: Response, protocol: str, context: Context) -> dict[str, Any]:
    model = operation_model(context.service, context.operation)
    assert isinstance(answer.body, bytes)
    parsed: dict[str, Any] = create_parser(protocol).parse(
        {
            "headers": {name.lower(): value for name, value in answer.headers},
            "body": answer.body,
            "status_code": answer.status,
        },
        model.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    if answer.status >= 400:
        error = parsed.get("Error", {})
        raise AWSError(
            error.get("Code", "InternalFailure"), error.get("Message", ""), answer.status
        )
    return parsed
