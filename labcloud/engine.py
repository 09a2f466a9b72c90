"""The seam between the gateway and what works: one class a service, one method an operation.

A method is named as boto3 names the operation (`put_object`). It takes AWS's request as a dict and
returns AWS's response as a dict, both with the member names of botocore's model, and raises
`AWSError`. docs/engines.md shows how to add one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from botocore import xform_name

from labcloud.http import Headers

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

ACCOUNT = "123456789012"
REGION = "us-east-1"

ENGINES: dict[str, str] = {
    "athena": "labcloud.engines.athena.service:AthenaEngine",
    "glue": "labcloud.engines.glue:GlueEngine",
    "s3": "labcloud.engines.s3:S3Engine",
}
"""botocore's service name → `module:class` of its engine. A new engine is one line here."""


@dataclass(slots=True)
class Context:
    """Who calls which operation, and how; what an engine may ask beyond the request's members."""

    service: str
    operation: str
    account: str = ACCOUNT
    region: str = REGION
    access_key: str = "test"
    request_id: str = ""
    method: str = "POST"
    path: str = "/"
    query: dict[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=Headers)
    anonymous: bool = False
    presigned: bool = False
    lab: str = ""
    payload: bytes = b""
    """The request's body where the operation's model names no member for it."""
    trailers: Callable[[], dict[str, str]] = dict
    """Trailing checksum headers, known once the body has been read to its end."""


Operation = Callable[[dict[str, Any], Context], dict[str, Any]]


class Engine:
    """One AWS service that does its work. Subclass it, name the service, write the operations."""

    service: ClassVar[str]

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def start(self) -> None:
        """Begin background work; called once, when the server is up."""

    def stop(self) -> None:
        """End background work and leave everything on disk."""

    def stored(self) -> Iterable[tuple[str, str, float]]:
        """Return what is stored now, as (storage class, lab, bytes), for the bill."""
        return ()


_NOT_OPERATIONS = {name for name, _ in inspect.getmembers(Engine)}


def method_name(operation: str) -> str:
    """Return boto3's name for an operation: `PutObject` → `put_object`."""
    return str(xform_name(operation))


def operation_of(engine: Engine | type[Engine], operation: str) -> Operation | None:
    """Return the engine's method for AWS's operation name, or None where it has none."""
    name = method_name(operation)
    if name in _NOT_OPERATIONS:
        return None
    return getattr(engine, name, None)


def engine_class(service: str) -> type[Engine] | None:
    """Import and return the engine's class for a service, or None where no engine is registered."""
    if (where := ENGINES.get(service)) is None:
        return None
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]
