"""Tags of work groups, data catalogs and capacity reservations."""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.athena.base import AthenaBase, Request
from labcloud.engines.athena.errors import invalid, not_found
from labcloud.engines.athena.paging import page

MOST = 50


class TagOperations(AthenaBase):
    """Operations on tags."""

    def tag_resource(self, request: Request, context: Context) -> Request:
        """Give a resource tags; one key has one value."""
        arn, tags = request["ResourceARN"], request["Tags"]
        with self.changing(context) as backend:
            self._check(arn, backend)
            known = backend.tagger.get_tag_dict_for_resource(arn)
            if len({*known, *(tag["Key"] for tag in tags)}) > MOST:
                raise invalid(f"A resource can have at most {MOST} tags")
            backend.tagger.tag_resource(arn, tags)
        return {}

    def untag_resource(self, request: Request, context: Context) -> Request:
        """Take tags from a resource."""
        with self.changing(context) as backend:
            self._check(request["ResourceARN"], backend)
            backend.tagger.untag_resource_using_names(request["ResourceARN"], request["TagKeys"])
        return {}

    def list_tags_for_resource(self, request: Request, context: Context) -> Request:
        """Return a resource's tags."""
        with self.lock:
            backend = self.kept(context)
            self._check(request["ResourceARN"], backend)
            known = backend.tagger.get_tag_dict_for_resource(request["ResourceARN"])
        tags = [{"Key": key, "Value": value} for key, value in sorted(known.items())]
        tags, more = page(tags, request, 75)  # type: ignore[assignment]
        return {"Tags": tags, **more}

    @staticmethod
    def _check(arn: str, backend: Any) -> None:
        kept = (backend.work_groups, backend.data_catalogs, backend.capacity_reservations)
        if not any(one.arn == arn for kind in kept for one in kind.values()):
            raise not_found(f"Resource {arn} was not found", arn)
