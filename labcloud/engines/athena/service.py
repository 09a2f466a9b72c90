"""The Athena engine: the families of operations as one class, each request checked first."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labcloud.engine import Context, method_name
from labcloud.engines.athena import constraints
from labcloud.engines.athena.base import Request
from labcloud.engines.athena.capacity import CapacityOperations
from labcloud.engines.athena.catalogs import CatalogOperations
from labcloud.engines.athena.queries import QueryOperations
from labcloud.engines.athena.tags import TagOperations

if TYPE_CHECKING:
    from labcloud.cloud import Cloud

DAY = 86400.0
HOUR = 3600.0


class AthenaEngine(QueryOperations, CatalogOperations, CapacityOperations, TagOperations):
    """Amazon Athena, engine version 3."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self._check_first()

    def _check_first(self) -> None:
        """Hold every request against the API's model before its operation sees it."""
        for name, method in inspect.getmembers(self, inspect.ismethod):
            arguments = list(inspect.signature(method).parameters)
            if arguments == ["request", "context"] and not name.startswith("_"):
                setattr(self, name, _checked(method))

    def start(self) -> None:
        """Forget by the clock what Athena forgets."""
        self.cloud.every(HOUR, self.clean)

    def stop(self) -> None:
        """End the workers and close the store."""
        self.pool.stop()
        self.store.close()


def _checked(method: Callable[[Request, Context], Any]) -> Callable[[Request, Context], Any]:
    @functools.wraps(method)
    def checked(request: Request, context: Context) -> Any:
        if method_name(context.operation) == method.__name__:
            constraints.check(context.operation, request)
        return method(request, context)

    return checked
