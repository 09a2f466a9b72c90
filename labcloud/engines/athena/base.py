"""What the families of Athena's operations share: moto's state, and how it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from labcloud.engine import Context, Engine
from labcloud.engines.athena.errors import invalid
from labcloud.state import backend_at

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

Request = dict[str, Any]

PRIMARY = "primary"
CATALOG = "AwsDataCatalog"


class AthenaBase(Engine):
    """Work groups, saved queries, catalogs and reservations are moto's objects."""

    service: ClassVar[str] = "athena"

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.lock = cloud.state.locks["athena"]

    def kept(self, context: Context) -> Any:
        """Return moto's backend of the caller's account and region."""
        return backend_at("athena", context.account, context.region)

    @contextmanager
    def changing(self, context: Context) -> Iterator[Any]:
        """Give moto's backend to change; what was changed is on disk afterwards."""
        with self.lock:
            yield self.kept(context)
        self.cloud.save("athena", context.account, context.region)

    def work_group(self, name: str | None, context: Context) -> Any:
        """Return the work group of a name, `primary` without one. Raises where there is none."""
        found = self.kept(context).work_groups.get(name or PRIMARY)
        if found is None:
            raise invalid("WorkGroup is not found.")
        return found

    def arn(self, context: Context, resource: str) -> str:
        """Return the ARN of a resource such as `workgroup/primary`."""
        return f"arn:aws:athena:{context.region}:{context.account}:{resource}"
