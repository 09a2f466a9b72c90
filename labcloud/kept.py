"""What moto alone answers: state that is kept, with no work behind it.

moto's answer to an operation is used where no engine has a method for it, unless moto would report
work as done that nobody did (`REFUSED`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from moto.backend_index import backend_url_patterns
from moto.core.exceptions import ServiceException
from moto.core.request import Request as MotoRequest
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores
from werkzeug.exceptions import HTTPException

from labcloud.engine import ACCOUNT
from labcloud.errors import AWSError, NotImplementedByLabcloud
from labcloud.http import Response
from labcloud.services import model_of
from labcloud.state import State, backends_of, live_packages

_SPARK = "Its engine, Apache Spark, comes with the Spark lessons."
_SAGEMAKER = "Its engine comes with the SageMaker AI lesson."
_KINESIS = "Its engine comes with the Kinesis lessons."
_FACES = "Its engine comes with the Kinesis Video lesson."
_LAMBDA = "Its engine comes with the Data Firehose lesson."

REFUSED: dict[str, dict[str, str]] = {
    "athena": dict.fromkeys(
        (
            *("CreateNotebook", "CreatePresignedNotebookUrl", "DeleteNotebook", "ExportNotebook"),
            *("GetNotebookMetadata", "ImportNotebook", "ListNotebookMetadata", "UpdateNotebook"),
            *("ListNotebookSessions", "UpdateNotebookMetadata", "ListApplicationDPUSizes"),
            *("StartSession", "GetSession", "GetSessionEndpoint", "GetSessionStatus"),
            *("ListSessions", "TerminateSession", "ListExecutors", "GetResourceDashboard"),
            *("StartCalculationExecution", "GetCalculationExecution", "ListCalculationExecutions"),
            *("GetCalculationExecutionCode", "GetCalculationExecutionStatus"),
            "StopCalculationExecution",
        ),
        _SPARK,
    ),
    "glue": {
        **dict.fromkeys(
            ("CreateSession", "RunStatement", "StartJobRun", "StartTrigger", "StartWorkflowRun"),
            _SPARK,
        ),
        "CreateDevEndpoint": "AWS takes no new ones; interactive sessions replace them.",
    },
    "dynamodb": dict.fromkeys(
        ("ExportTableToPointInTime", "ImportTable"), "Read the table with Scan, write with PutItem."
    ),
    "logs": {"CreateExportTask": "Read the events with GetLogEvents."},
    "ssm": {"SendCommand": "No machine runs here that could take a command."},
    "ecr": {"StartImageScan": "No image is scanned here."},
    "databrew": dict.fromkeys(("StartJobRun",), _SPARK),
    "emr": dict.fromkeys(("RunJobFlow", "AddJobFlowSteps"), _SPARK),
    "emr-serverless": dict.fromkeys(("StartJobRun", "StartApplication"), _SPARK),
    "emr-containers": dict.fromkeys(("StartJobRun",), _SPARK),
    "sagemaker": dict.fromkeys(
        (
            "CreateTrainingJob",
            "CreateProcessingJob",
            "CreateTransformJob",
            "CreateHyperParameterTuningJob",
            "CreateAutoMLJob",
            "CreateAutoMLJobV2",
            "CreateCompilationJob",
            "CreateLabelingJob",
            "CreateEndpoint",
            "UpdateEndpoint",
            "CreateNotebookInstance",
            "StartNotebookInstance",
            "StartPipelineExecution",
            "CreateModelQualityJobDefinition",
            "CreateDataQualityJobDefinition",
            "CreateModelBiasJobDefinition",
            "CreateModelExplainabilityJobDefinition",
            "CreateMonitoringSchedule",
        ),
        _SAGEMAKER,
    ),
    "sagemaker-runtime": dict.fromkeys(("InvokeEndpoint", "InvokeEndpointAsync"), _SAGEMAKER),
    "firehose": dict.fromkeys(("PutRecord", "PutRecordBatch"), _KINESIS),
    "kinesisanalyticsv2": dict.fromkeys(
        ("StartApplication", "CreateApplicationSnapshot"), _KINESIS
    ),
    "kinesisvideo": dict.fromkeys(("GetDataEndpoint",), _FACES),
    "kinesis-video-archived-media": dict.fromkeys(
        ("GetHLSStreamingSessionURL", "GetDASHStreamingSessionURL", "GetClip"), _FACES
    ),
    "rekognition": dict.fromkeys(
        (
            "CompareFaces",
            "DetectCustomLabels",
            "DetectLabels",
            "DetectText",
            "GetFaceSearch",
            "GetTextDetection",
            "StartFaceSearch",
            "StartTextDetection",
        ),
        _FACES,
    ),
    "lambda": dict.fromkeys(("Invoke", "InvokeAsync", "InvokeWithResponseStream"), _LAMBDA),
    "stepfunctions": dict.fromkeys(
        ("StartExecution", "StartSyncExecution"), "Call the steps one by one from the notebook."
    ),
    "quicksight": dict.fromkeys(
        (
            "CreateIngestion",
            "GenerateEmbedUrlForRegisteredUser",
            "GenerateEmbedUrlForAnonymousUser",
            "StartDashboardSnapshotJob",
        ),
        "Its engine comes with the Quick Sight lesson.",
    ),
    "redshift-data": dict.fromkeys(
        ("ExecuteStatement", "BatchExecuteStatement", "GetStatementResult"),
        "The course queries with Athena.",
    ),
    "pricing": dict.fromkeys(
        ("GetProducts", "GetPriceListFileUrl"), "`labcloud bill` prices from data/prices.yml."
    ),
}
"""Service → operation → what to use instead, where moto's answer would be a pretence."""

_RETIRED = {
    "machinelearning": "AWS takes no new users for it either; its successor is SageMaker AI.",
    "kinesisanalytics": "AWS has shut it down; its successor is Managed Service for Apache Flink.",
}

_BUCKET_SETTINGS = (
    "Accelerate:GP Acl:GP Cors:GPD Encryption:GPD Lifecycle:D LifecycleConfiguration:GP Location:G "
    "Logging:GP NotificationConfiguration:GP OwnershipControls:GPD Policy:GPD PolicyStatus:G "
    "Replication:GPD Tagging:GPD Versioning:GP Website:GPD InventoryConfiguration:GP"
)
_VERBS = {"G": "Get", "P": "Put", "D": "Delete"}
_NAMED_OTHERWISE: dict[str, frozenset[str]] = {
    "s3": frozenset(
        f"{_VERBS[verb]}Bucket{name if name != 'Accelerate' else 'AccelerateConfiguration'}"
        for name, verbs in (item.split(":") for item in _BUCKET_SETTINGS.split())
        for verb in verbs
    )
    | {
        "CreateBucket",
        "DeleteBucket",
        "HeadBucket",
        "ListBuckets",
        "ListBucketInventoryConfigurations",
        "GetPublicAccessBlock",
        "PutPublicAccessBlock",
        "DeletePublicAccessBlock",
        "GetObjectLockConfiguration",
        "PutObjectLockConfiguration",
    },
}
"""moto package → operations it has under other method names (read from its dispatch)."""

_READS = re.compile(
    r"^(Get|List|Describe|Head|BatchGet|BatchDescribe|Query|Scan|Search|Lookup|Filter|Estimate|"
    r"Preview|Simulate|Validate|Check|Count|Decode|Detect)"
)
"""AWS names an operation by its verb; these change nothing."""

_TOUCHES: dict[str, tuple[str, ...]] = {
    "sns": ("sqs",),
    "awslambda": ("iam", "logs"),
    "events": ("sqs", "sns", "logs"),
    "scheduler": ("sqs",),
    "dynamodb": ("dynamodbstreams",),
    "autoscaling": ("ec2",),
    "sts": ("iam",),
    "resourcegroupstaggingapi": ("s3", "sqs", "ec2", "glue", "kinesis", "sagemaker", "sns"),
}
"""moto package → packages that it changes on the way."""


MOTO_ERRORS = (ServiceException, HTTPException)
"""What moto's backends raise; `of_moto` says it in AWS's words."""


@dataclass(frozen=True, slots=True)
class _Package:
    """A moto package as the gateway needs it."""

    name: str
    host: str
    paths: tuple[tuple[re.Pattern[str], Callable[..., Any]], ...]


def _canonical_host(service: str, region: str) -> str:
    prefix = model_of(service).endpoint_prefix
    special = {
        "budgets": "budgets.amazonaws.com",
        "s3vectors": f"s3vectors.{region}.api.aws",
        "s3control": f"{ACCOUNT}.s3-control.{region}.amazonaws.com",
        "kinesis-video-archived-media": f"data.kinesisvideo.{region}.amazonaws.com",
    }
    return special.get(service, f"{prefix}.{region}.amazonaws.com")


@cache
def package_of(service: str) -> _Package | None:
    """Return moto's package for a service, or None where moto has none."""
    if service in _RETIRED:
        return None
    host = _canonical_host(service, "us-east-1")
    names = [name for name, pattern in backend_url_patterns if pattern.match(f"https://{host}/")]
    if not names:
        return None
    own = service.replace("-", "")
    name = own if own in names else names[0]
    urls = import_module(f"moto.{name}.urls")
    paths = tuple(
        (re.compile(path.format(base)), handler)
        for base in urls.url_bases
        for path, handler in urls.url_paths.items()
    )
    return _Package(name, host, paths)


@cache
def _methods(package: str) -> dict[str, Callable[..., Any]]:
    """The methods of moto's response classes of a package, by name."""
    try:
        module = import_module(f"moto.{package}.responses")
    except ModuleNotFoundError:
        return {}
    inherited = set(dir(BaseResponse))
    return {
        name: method
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseResponse) and kind is not BaseResponse
        for name, method in inspect.getmembers(kind, callable)
        if name not in inherited
    }


@cache
def keeps(service: str, operation: str) -> bool:
    """Tell whether moto keeps state for an operation and labcloud lets it answer."""
    if operation in REFUSED.get(service, {}):
        return False
    package = package_of(service)
    if package is None:
        return False
    return _has(package.name, operation) and _reaches(package, service, operation)


def _has(package: str, operation: str) -> bool:
    """Tell whether moto has the operation. Objects of Amazon S3 are never moto's to keep."""
    if package in _NAMED_OTHERWISE:
        return operation in _NAMED_OTHERWISE[package]
    method = _methods(package).get(camelcase_to_underscores(operation))
    if method is None:
        return False
    code = inspect.unwrap(method).__code__
    return "NotImplementedError" not in code.co_names


def _reaches(package: _Package, service: str, operation: str) -> bool:
    """Tell whether one of moto's URL patterns leads to the operation."""
    uri = model_of(service).operation_model(operation).http.get("requestUri", "/")
    return _handler(package, re.sub(r"\{[^}]+\}", "0", uri.partition("?")[0])) is not None


def _handler(package: _Package, path: str) -> Callable[..., Any] | None:
    url = f"https://{package.host}{path}"
    return next((handler for pattern, handler in package.paths if pattern.match(url)), None)


def absent(service: str, operation: str) -> NotImplementedByLabcloud:
    """Return the error for an operation that nobody here does."""
    instead = REFUSED.get(service, {}).get(operation, _RETIRED.get(service, ""))
    return NotImplementedByLabcloud(service, operation, instead)


def changes_state(operation: str) -> bool:
    """Tell whether an operation may change what moto keeps (AWS names reads by their verbs)."""
    return _READS.match(operation) is None


def of_moto(error: Exception) -> AWSError:
    """Return moto's exception as an AWSError."""
    if isinstance(error, ServiceException):
        return AWSError(error.code, error.message)
    assert isinstance(error, HTTPException)
    code = str(getattr(error, "error_type", "") or error.name)
    members: dict[str, Any] = {}
    if resource := getattr(error, "resource", ""):
        members["Resource"] = resource
    if bucket := getattr(error, "bucket", ""):
        members["BucketName"] = bucket
    return AWSError(code, str(getattr(error, "message", error)), error.code or 400, **members)


class Kept:
    """moto's own answers, each made durable before it leaves."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(
        self,
        service: str,
        operation: str,
        http: MotoRequest,
        account: str,
        region: str,
    ) -> Response:
        """Return moto's response to a request for an operation.

        Raises NotImplementedByLabcloud where moto has no answer, AWSError where moto refuses in
        a shape that is not AWS's.
        """
        package = package_of(service)
        if package is None or not keeps(service, operation):
            raise absent(service, operation)
        self._check_region(package.name, account, region)
        handler = _handler(package, http.raw_path)
        if handler is None:
            raise absent(service, operation)
        with self._state.locks[package.name]:
            response = _invoke(handler, http, service, operation)
        if response.status < 400 and changes_state(operation):
            self._save(package.name, account, region)
        return response

    def _save(self, package: str, account: str, region: str) -> None:
        touched = _TOUCHES.get(package, ())
        if package == "cloudformation":
            touched = live_packages()
        for name in dict.fromkeys((package, *touched)):
            if account in backends_of(name):
                self._state.save(name, account, region)

    @staticmethod
    def _check_region(package: str, account: str, region: str) -> None:
        regional = backends_of(package)[account]
        if region not in regional and "aws" not in regional:
            raise AWSError("InvalidRegion", f"There is no AWS Region named '{region}'.")


def _invoke(
    handler: Callable[..., Any], http: MotoRequest, service: str, operation: str
) -> Response:
    try:
        status, headers, body = handler(http, http.raw_url, http.headers)
    except NotImplementedError as error:
        raise absent(service, operation) from error
    except HTTPException as error:
        status, headers = error.code or 400, dict(error.get_headers())
        body = error.get_body()
    except ServiceException as error:
        raise of_moto(error) from error
    data = body.encode() if isinstance(body, str) else bytes(body or b"")
    kept = [
        (name, str(value))
        for name, value in dict(headers).items()
        if name.lower() not in _SERVERS_OWN
    ]
    response = Response(int(status), kept, data)
    if response.status >= 400:
        _check_shape(response, data)
    return response


_SERVERS_OWN = ("status", "server", "content-length", "connection", "date")
_CODES = {403: "AccessDeniedException", 404: "ResourceNotFoundException"}


def _check_shape(response: Response, data: bytes) -> None:
    """Raise AWSError with moto's words where its error is not in AWS's shape."""
    code = _CODES.get(response.status, "ValidationException")
    start = data.lstrip()[:5].lower()
    if start in (b"<!doc", b"<html") or start[:1] not in (b"<", b"{", b""):
        raise AWSError(code, _text_of_html(data), response.status)
    named = any(name.lower() == "x-amzn-errortype" for name, _ in response.headers)
    if start[:1] == b"{" and b'"__type"' not in data and not named:
        response.headers.append(("x-amzn-errortype", code))


def _text_of_html(data: bytes) -> str:
    text = re.sub(r"<title>.*?</title>|<[^>]+>", " ", data.decode("utf-8", "replace"))
    return " ".join(text.split())
