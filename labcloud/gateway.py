"""The gateway: from an HTTP request to the operation that answers it, and back.

A request passes these steps: whose is it (`identify`), which operation (`protocol.route`), what
does it ask (`protocol.parse`), who answers (an engine's method, else moto's kept state, else 501),
what does it cost (`bill`). Whatever is raised on the way leaves as AWS's error for the protocol.
"""

from __future__ import annotations

import sys
import uuid

from moto.core.request import Request as MotoRequest

from labcloud.chunked import AwsChunked, check_sha256, unwrap
from labcloud.cloud import Cloud
from labcloud.engine import ACCOUNT, Context, Operation, operation_of
from labcloud.errors import AWSError, InternalFailure
from labcloud.http import BytesBody, FileBody, Request, Response
from labcloud.identify import Caller, bucket_of_host, identify, lab_of
from labcloud.inprocess import moto_call
from labcloud.kept import MOTO_ERRORS, absent, keeps, of_moto
from labcloud.presigned import Presigned
from labcloud.protocol import (
    Call,
    parse,
    protocol_of,
    read_body,
    render_error,
    route,
    serialize,
)
from labcloud.validate import validate

MAX_HEADERS = 16 * 1024
"""AWS takes 8 KB of headers; a signature and a token beside it need some more."""


class Gateway:
    """Answers HTTP requests for one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._presigned = Presigned(cloud.clock)

    def handle(self, request: Request) -> Response:
        """Return the response to a request; never raises."""
        request_id = uuid.uuid4().hex.upper()[:16]
        call: Call | None = None
        try:
            caller, path = self._caller(request)
            call = self._route(request, caller, path)
            response = self._answer(call, caller, request_id)
        except _RouteError as error:
            response = render_error(error.call, error, request_id)
        except AWSError as error:
            response = render_error(call or _guess(request), error, request_id)
        except Exception:
            self.cloud.log.exception("request %s: %s %s", request_id, request.method, request.path)
            failure = InternalFailure(request_id)
            response = render_error(call or _guess(request), failure, request_id)
        return _finish(request, response, request_id)

    def _caller(self, request: Request) -> tuple[Caller, str]:
        _check_headers(request)
        if _is_form(request) and "authorization" not in request.headers:
            data = read_body(request.body)
            request.body = BytesBody(data)
            caller = identify(request, data.decode("utf-8", "replace"))
        else:
            caller = identify(request)
        path = request.path
        if bucket := bucket_of_host(request.headers.get("host", "")):
            caller.candidates, path = ("s3",), f"/{bucket}{path}"
        if caller.presigned:
            self._presigned.check(request)
        return caller, path

    @staticmethod
    def _route(request: Request, caller: Caller, path: str) -> Call:
        """Return the call, routed to its operation among the services it may be for."""
        first: Call | None = None
        for service in _in_order(caller.candidates, request):
            call = Call(request, service, protocol_of(service, request.headers), path=path)
            if first is not None:
                call.body = first.body
            first = first or call
            if route(call):
                return call
        assert first is not None
        raise _RouteError(first)

    def _answer(self, call: Call, caller: Caller, request_id: str) -> Response:
        assert call.operation is not None
        context = self._context(call, caller, request_id)
        engine = self.cloud.engine(call.service)
        method = operation_of(engine, call.operation.name) if engine else None
        if method is not None:
            response = self._engine_answer(call, context, method)
        else:
            response = self._kept_answer(call, context)
        self._record(call, context, response)
        return response

    def _context(self, call: Call, caller: Caller, request_id: str) -> Context:
        assert call.operation is not None
        return Context(
            service=call.service,
            operation=call.operation.name,
            account=account_of(caller.access_key),
            region=caller.region,
            access_key=caller.access_key,
            request_id=request_id,
            method=call.method,
            path=call.path,
            query=dict(call.args.items(multi=True)),
            headers=call.headers,
            anonymous=caller.anonymous,
            presigned=caller.presigned,
            lab=lab_of(call.headers.get("user-agent", "")),
        )

    @staticmethod
    def _engine_answer(call: Call, context: Context, method: Operation) -> Response:
        assert call.operation is not None
        decoder = unwrap(call.request)
        if decoder is not None:
            context.trailers = lambda: decoder.trailers
        elif call.body is None and isinstance(call.request.body, BytesBody):
            check_sha256(call.request, call.request.body.getvalue())
        asked = parse(call)
        validate(call, asked)
        context.payload = call.body or b""
        try:
            result = method(asked, context)
        except MOTO_ERRORS as error:
            raise of_moto(error) from error
        response = serialize(call, result, context.request_id)
        response.headers.append(("x-labcloud-answer", "executed"))
        return response

    def _kept_answer(self, call: Call, context: Context) -> Response:
        assert call.operation is not None
        if not keeps(call.service, call.operation.name):
            raise absent(call.service, call.operation.name)
        decoder: AwsChunked | None = unwrap(call.request)
        if not call.cbor and call.body is None:
            call.body = read_body(call.request.body)
        if call.body is not None and decoder is None:
            check_sha256(call.request, call.body)
        asked = parse(call)
        validate(call, asked)
        if call.cbor:
            result = moto_call(self.cloud, context, asked)
            response = serialize(call, result, context.request_id)
        else:
            http = _moto_request(call)
            response = self.cloud.kept.answer(
                call.service, call.operation.name, http, context.account, context.region
            )
        response.headers.append(("x-labcloud-answer", "kept"))
        return response

    def _record(self, call: Call, context: Context, response: Response) -> None:
        if response.status >= 400:
            return
        sent = response.body
        bytes_out = len(sent) if isinstance(sent, bytes) else 0
        if isinstance(sent, FileBody):
            bytes_out = sent.length
        bytes_in = call.request.body.length or len(call.body or b"")
        self.cloud.bill.record(
            context.service,
            context.operation,
            context.lab,
            bytes_in=bytes_in,
            bytes_out=bytes_out,
        )


class _RouteError(AWSError):
    """No operation of the service matches; worded as the protocol's services word it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        if call.service == "s3" and call.protocol == "rest-xml":
            super().__init__(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
                405,
                Method=call.method,
            )
        elif call.protocol in ("query", "ec2"):
            action = call.values.get("Action", "")
            super().__init__(
                "InvalidAction", f"The action '{action[:128]}' is not valid for this web service."
            )
        else:
            target = call.headers.get("x-amz-target", f"{call.method} {call.request.path}")
            super().__init__(
                "UnknownOperationException",
                f"{call.service} has no operation '{target[:128]}'.",
                404 if call.protocol == "rest-json" else 400,
            )


def is_quick(request: Request) -> bool:
    """Tell whether a request asks for one small object of Amazon S3, in its plainest form."""
    return (
        isinstance(request.body, BytesBody)
        and request.method in ("GET", "HEAD", "PUT", "DELETE")
        and "/s3/aws4_request" in request.headers.get("authorization", "")
        and request.path.find("/", 1) not in (-1, len(request.path) - 1)
        and (not request.query or request.query.startswith("x-id="))
        and "x-amz-copy-source" not in request.headers
    )


def account_of(access_key: str) -> str:
    """Return the account an access key belongs to; the default account for any other key."""
    iam = sys.modules.get("moto.iam.models")
    if iam is None or not access_key.startswith(("AKIA", "ASIA")):
        return ACCOUNT
    return str(iam.get_account_id_from(access_key))


def _moto_request(call: Call) -> MotoRequest:
    query = f"?{call.request.query}" if call.request.query else ""
    url = f"http://{call.host}{call.raw_path}{query}"
    headers = {
        name: value
        for name, value in call.headers.fields
        if name.lower() not in ("content-length", "content-encoding")
    }
    return MotoRequest.from_primitives(call.method, url, headers, call.body)


def _in_order(candidates: tuple[str, ...], request: Request) -> tuple[str, ...]:
    """Put the service first that the request names by its target or path."""
    if len(candidates) == 1:
        return candidates
    path, target = request.path, request.headers.get("x-amz-target", "")
    preferred = {
        "s3control": path.startswith("/v20180820/"),
        "sesv2": path.startswith("/v2/"),
        "dynamodbstreams": target.startswith("DynamoDBStreams"),
        "kinesisanalytics": target.startswith("KinesisAnalytics_20150814"),
    }
    return tuple(sorted(candidates, key=lambda name: not preferred.get(name, False)))


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    return request.method == "POST" and kind.startswith("application/x-www-form-urlencoded")


def _check_headers(request: Request) -> None:
    size = sum(len(name) + len(value) + 4 for name, value in request.headers.fields)
    if size > MAX_HEADERS:
        raise AWSError(
            "RequestHeaderSectionTooLarge",
            "Your request header section exceeds the maximum allowed size.",
            MaxSizeAllowed=MAX_HEADERS,
        )


def _guess(request: Request) -> Call | None:
    """Return a call that only says which protocol an error should speak."""
    headers = request.headers
    kind = headers.get("content-type", "")
    if "x-amz-target" in headers or "json" in kind:
        return Call(request, "glue", "json-cbor" if "cbor" in kind else "json")
    if "smithy-protocol" in headers:
        return Call(request, "cloudwatch", "rpc-v2-cbor")
    return Call(request, "sts", "query") if _is_form(request) else None


def _finish(request: Request, response: Response, request_id: str) -> Response:
    response.headers += [("x-amz-request-id", request_id), ("x-amzn-RequestId", request_id)]
    if request.method == "HEAD" and isinstance(response.body, bytes) and response.body:
        response.body = b""
    return response
