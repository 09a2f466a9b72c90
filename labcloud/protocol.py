"""AWS's wire protocols: from a request to an operation's input, from its output to a response.

moto derives five of them (query, ec2, json, rest-json, rest-xml) from botocore's models; the two
CBOR ones (Smithy RPC v2 and the older `application/x-amz-cbor-1.1` of Amazon Kinesis) are here.
https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

import cbor2
from botocore.utils import parse_timestamp
from moto.core.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.routing import ProtocolRouter, QueryRouter, RestRouter
from moto.core.serialize import HeaderSerializer, SerializationContext, get_serializer_class
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from labcloud.errors import AWSError
from labcloud.http import Body, Headers, Request, Response
from labcloud.services import model_of, operation_model
from labcloud.xml_lists import put_lists, take_lists

JSON = ("json", "rest-json")
CBOR_1_1 = "application/x-amz-cbor-1.1"
RPC_V2 = "application/cbor"
MAX_BODY = 64 * 1024 * 1024
"""Requests that are not streams are read into memory; Lambda's zip of 50 MB is AWS's largest."""

_UNREADABLE = (
    RequestParserError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What moto's parsers raise over payloads of another shape than the model's."""

_EPOCHS_STAY_NUMBERS = {1: lambda seconds, immutable: seconds}
_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"


@dataclass(slots=True)
class Call:
    """A request on its way to an operation: what the routers and parsers of moto look at."""

    request: Request
    service: str
    protocol: str
    body: bytes | None = None
    path: str = ""
    operation: OperationModel | None = None
    uri_params: dict[str, Any] = field(default_factory=dict)
    args: MultiDict[str, str] = field(default_factory=MultiDict)
    values: MultiDict[str, str] = field(default_factory=MultiDict)

    @property
    def headers(self) -> Headers:
        return self.request.headers

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def raw_path(self) -> str:
        return quote(self.path, safe=_SAFE_IN_PATH)

    @property
    def cbor(self) -> bool:
        return self.protocol.endswith("cbor")


def protocol_of(service: str, headers: Mapping[str, str]) -> str:
    """Return the protocol that a request to a service speaks, from its content type."""
    model = model_of(service)
    offered: Iterable[str] = model.metadata.get("protocols", [model.protocol])
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if "smithy-protocol" in headers or kind == RPC_V2:
        return "rpc-v2-cbor"
    if kind == CBOR_1_1:
        return "json-cbor"
    if kind.startswith("application/x-amz-json") and "json" in offered:
        return "json"
    if kind == "application/x-www-form-urlencoded" and "query" in offered:
        return "query"
    if "x-amz-target" in headers and "json" in offered:
        return "json"
    return next(name for name in offered if name != "smithy-rpc-v2-cbor")


@cache
def _router(service: str, protocol: str) -> ProtocolRouter:
    kind = QueryRouter if protocol in ("query", "ec2") else RestRouter
    return kind(model_of(service))


def read_body(body: Body) -> bytes:
    """Return a whole payload.

    Raises `RequestEntityTooLarge` above 64 MiB.
    """
    data = body.read(MAX_BODY + 1)
    while len(data) <= MAX_BODY and (more := body.read(MAX_BODY + 1 - len(data))):
        data += more
    if len(data) > MAX_BODY:
        raise AWSError("RequestEntityTooLarge", "The request payload exceeds 64 MiB.", 413)
    return data


def route(call: Call) -> bool:
    """Find the operation a call names; False where the service has none like it."""
    request, model = call.request, model_of(call.service)
    call.path = call.path or request.path
    call.args = MultiDict(parse_qsl(request.query, keep_blank_values=True))
    call.values = call.args
    if call.protocol in ("json", "json-cbor"):
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
    elif call.protocol == "rpc-v2-cbor":
        name = call.path.rpartition("/operation/")[2]
    else:
        if call.protocol in ("query", "ec2"):
            call.values = MultiDict(_form(call)) | call.args
        try:
            router = _router(call.service, call.protocol)
            call.operation, call.uri_params = router.match(call)  # type: ignore[arg-type]
        except NotFound:
            return False
        return True
    if name not in model.operation_names:
        return False
    call.operation = model.operation_model(name)
    return True


def _form(call: Call) -> list[tuple[str, str]]:
    if call.body is None:
        call.body = read_body(call.request.body)
    try:
        text = call.body.decode()
    except UnicodeDecodeError as error:
        raise AWSError("MalformedQueryString", "The request body is not UTF-8.") from error
    return parse_qsl(text, keep_blank_values=True)


def parse(call: Call) -> dict[str, Any]:
    """Return the operation's input as botocore's model names it.

    A streaming payload stays a `Body`. Raises `SerializationException` (JSON, CBOR) or
    `MalformedXML` or `MalformedInput` where the payload cannot be read.
    """
    operation = call.operation
    assert operation is not None
    streams = operation.has_streaming_input
    if call.body is None and not streams:
        call.body = read_body(call.request.body)
    if call.cbor:
        return _parse_cbor(call.body or b"", operation)
    if call.protocol == "rest-xml" and b"<!DOCTYPE" in (call.body or b""):
        raise malformed(call.protocol, "a document type declaration")
    parser = PROTOCOL_PARSERS[call.protocol](operation, timestamp_parser=parse_timestamp)
    try:
        parsed = parser.parse(
            {
                "body": call.request.body if streams else call.body,  # type: ignore[typeddict-item]
                "headers": call.headers,  # type: ignore[typeddict-item]
                "method": call.method,
                "url_params": call.uri_params,
                "url_path": call.path,
                "values": call.values,
            }
        )
    except AWSError:
        raise
    except _UNREADABLE as error:
        raise malformed(call.protocol, str(error)) from error
    if not isinstance(parsed, dict):
        raise malformed(call.protocol, "expected an object")
    return {name: value for name, value in parsed.items() if value is not None}


def malformed(protocol: str, why: str) -> AWSError:
    """Return the error AWS gives for a payload that cannot be read."""
    if protocol == "rest-xml":
        return AWSError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published "
            "schema",
        )
    if protocol in ("query", "ec2"):
        return AWSError("MalformedInput", f"The request cannot be read: {why}")
    return AWSError("SerializationException", f"The request cannot be read: {why}")


def _parse_cbor(body: bytes, operation: OperationModel) -> dict[str, Any]:
    if not body:
        return {}
    try:
        value = cbor2.loads(body, semantic_decoders=_EPOCHS_STAY_NUMBERS, max_depth=64)
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as error:
        raise malformed("cbor", str(error)) from error
    if not isinstance(value, dict):
        raise malformed("cbor", "expected a map")
    shape = operation.input_shape
    if shape is None:
        return {}
    parsed = _from_cbor(value, shape)
    assert isinstance(parsed, dict)
    return parsed


def _from_cbor(value: Any, shape: Shape) -> Any:
    """Give a CBOR value its model's types; what the model does not name is left out."""
    if isinstance(shape, StructureShape):
        _expect(value, dict, shape)
        return {
            name: _from_cbor(value[key], member)
            for name, member in shape.members.items()
            if value.get(key := member.serialization.get("name", name)) is not None
        }
    if isinstance(shape, ListShape):
        _expect(value, list, shape)
        return [_from_cbor(item, shape.member) for item in value]
    if isinstance(shape, MapShape):
        _expect(value, dict, shape)
        return {key: _from_cbor(item, shape.value) for key, item in value.items()}
    if shape.type_name == "timestamp":
        _expect(value, (int, float), shape)
        return datetime.fromtimestamp(_seconds(value), UTC)
    if shape.type_name == "blob":
        _expect(value, (bytes, str), shape)
        return value.encode() if isinstance(value, str) else value
    kinds: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "long": int}
    if (kind := kinds.get(shape.type_name)) is not None:
        _expect(value, kind, shape)
    return value


def _seconds(value: float) -> float:
    """Smithy RPC v2 counts seconds; the Java SDKs' `application/x-amz-cbor-1.1` milliseconds."""
    return value / 1000 if value > 1e11 else value


def _expect(value: Any, kind: Any, shape: Shape) -> None:
    if not isinstance(value, kind):
        raise malformed("cbor", f"{shape.name} is a {shape.type_name}, not {type(value).__name__}")


def _to_cbor(value: Any, shape: Shape, protocol: str) -> Any:
    if isinstance(shape, StructureShape):
        return {
            member.serialization.get("name", name): _to_cbor(value[name], member, protocol)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_to_cbor(item, shape.member, protocol) for item in value]
    if isinstance(shape, MapShape):
        return {key: _to_cbor(item, shape.value, protocol) for key, item in value.items()}
    if shape.type_name == "timestamp":
        seconds = value.timestamp() if isinstance(value, datetime) else float(value)
        if protocol == "json-cbor":
            return cbor2.CBORTag(1, int(seconds * 1000))
        return cbor2.CBORTag(1, seconds)
    if shape.type_name == "blob" and isinstance(value, str):
        return value.encode()
    return value


def serialize(call: Call, result: dict[str, Any], request_id: str) -> Response:
    """Return the response that carries an operation's output in the call's protocol."""
    operation = call.operation
    assert operation is not None
    metadata = result.pop("ResponseMetadata", {})
    streamed = result.pop(stream, None) if (stream := _streaming_member(operation)) else None
    if call.cbor:
        response = _serialize_cbor(call, result)
    elif (shapes := _header_shapes(call.service, operation.name)) is not None:
        response = _serialize_headers(operation, shapes, result)
    else:
        lists = take_lists(operation, result) if call.protocol == "rest-xml" else ""
        serializer = get_serializer_class(call.service, call.protocol)
        made = serializer(operation, context=SerializationContext(request_id)).serialize(result)
        body = made["body"]
        response = Response(
            made["status_code"],
            list(made["headers"].items()),
            put_lists(body, lists).encode() if isinstance(body, str) else body or b"",
        )
    if streamed is not None:
        response.body = streamed
    response.body = metadata.get("HTTPBody", response.body)
    response.status = metadata.get("HTTPStatusCode", response.status)
    response.headers.extend(metadata.get("HTTPHeaders", {}).items())
    return response


@cache
def _header_shapes(service: str, operation: str) -> dict[str, Shape] | None:
    """An output's members by name where all of them are headers, but for a stream; else None.

    Objects of Amazon S3 come and go with such outputs, so the way for them is short.
    """
    model = operation_model(service, operation)
    shape = model.output_shape
    if shape is None or not isinstance(shape, StructureShape):
        return None
    shapes = dict(shape.members)
    shapes.pop(_streaming_member(model) or "", None)
    return shapes if all(member.is_http_header_trait for member in shapes.values()) else None


def _serialize_headers(
    operation: OperationModel, shapes: dict[str, Shape], result: dict[str, Any]
) -> Response:
    headers: dict[str, str] = {}
    serializer = HeaderSerializer()
    for name, value in result.items():
        if value is not None and (shape := shapes.get(name)) is not None:
            serializer.serialize(headers, value, shape, shape.serialization.get("name", name))
    return Response(operation.http.get("responseCode", 200), list(headers.items()))


def _streaming_member(operation: OperationModel) -> str | None:
    if not operation.has_streaming_output or operation.output_shape is None:
        return None
    return str(operation.output_shape.serialization["payload"])


def _serialize_cbor(call: Call, result: dict[str, Any]) -> Response:
    assert call.operation is not None
    shape = call.operation.output_shape
    value = _to_cbor(result, shape, call.protocol) if shape else {}
    body = cbor2.dumps(value) if shape or call.protocol == "rpc-v2-cbor" else b""
    return Response(200, _cbor_headers(call), body)


def _cbor_headers(call: Call) -> list[tuple[str, str]]:
    if call.protocol == "rpc-v2-cbor":
        return [("Content-Type", RPC_V2), ("smithy-protocol", "rpc-v2-cbor")]
    return [("Content-Type", CBOR_1_1)]


def render_error(call: Call | None, error: AWSError, request_id: str) -> Response:
    """Return the response that carries an error in the call's protocol, S3's without a call."""
    service = call.service if call else "s3"
    protocol = call.protocol if call else "rest-xml"
    if call and call.cbor:
        value = {"__type": error.code, "message": error.message, **error.members}
        response = Response(error.status, _cbor_headers(call), cbor2.dumps(value))
    elif protocol in JSON:
        value = {"__type": error.code, "message": error.message, **error.members}
        response = Response(error.status, [], json.dumps(value, default=str).encode())
        kind = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
        response.headers.append(("Content-Type", kind))
    else:
        response = Response(
            error.status,
            [("Content-Type", "application/xml" if protocol == "rest-xml" else "text/xml")],
            _error_xml(service, protocol, error, request_id).encode("utf-8", "replace"),
        )
    if protocol not in ("query", "ec2", "rest-xml"):
        response.headers.append(("x-amzn-ErrorType", error.code))
        if call and "awsQueryCompatible" in model_of(service).metadata:
            fault = "Receiver" if error.status >= 500 else "Sender"
            response.headers.append(("x-amzn-query-error", f"{error.code};{fault}"))
    response.headers.extend(error.headers.items())
    return response


def _error_xml(service: str, protocol: str, error: AWSError, request_id: str) -> str:
    fields = {"Code": error.code, "Message": error.message, **error.members}
    inner = "".join(f"<{name}>{escape(_printable(text))}</{name}>" for name, text in fields.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if service == "s3":
        ids = f"<RequestId>{request_id}</RequestId><HostId>labcloud</HostId>"
        return f"{head}<Error>{inner}{ids}</Error>"
    if protocol == "ec2":
        errors = f"<Errors><Error>{inner}</Error></Errors>"
        return f"{head}<Response>{errors}<RequestID>{request_id}</RequestID></Response>"
    fault = "Receiver" if error.status >= 500 else "Sender"
    return (
        f"{head}<ErrorResponse><Error><Type>{fault}</Type>{inner}</Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _printable(value: Any) -> str:
    """XML 1.0 has no control characters, however a key is spelled."""
    return "".join(char if char >= " " or char in "\t\n\r" else "\ufffd" for char in str(value))
