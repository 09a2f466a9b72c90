"""Capacity reservations, kept as state: queries here run on this computer, reserved or not."""

from __future__ import annotations

import time
from typing import Any

from moto.athena.models import CapacityReservation

from labcloud.engine import Context
from labcloud.engines.athena.base import AthenaBase, Request
from labcloud.engines.athena.errors import invalid
from labcloud.engines.athena.paging import page


class CapacityOperations(AthenaBase):
    """Operations on capacity reservations."""

    def create_capacity_reservation(self, request: Request, context: Context) -> Request:
        """Reserve capacity, which is there at once."""
        name, dpus = request["Name"], request["TargetDpus"]
        with self.changing(context) as backend:
            if name in backend.capacity_reservations:
                raise invalid(f"Capacity reservation {name} already exists")
            tags = request.get("Tags") or []
            made: Any = CapacityReservation(backend, name, dpus, tags)
            made.created = made.allocated = time.time()
            made.status, made.assignments = "ACTIVE", []
            backend.capacity_reservations[name] = made
            backend.tagger.tag_resource(made.arn, tags)
        return {}

    def get_capacity_reservation(self, request: Request, context: Context) -> Request:
        """Return a reservation."""
        with self.lock:
            return {"CapacityReservation": _shown(self._reservation(request["Name"], context))}

    def list_capacity_reservations(self, request: Request, context: Context) -> Request:
        """Return the reservations."""
        with self.lock:
            kept = self.kept(context).capacity_reservations
            found = [_shown(kept[name]) for name in sorted(kept)]
        found, more = page(found, request, 50)  # type: ignore[assignment]
        return {"CapacityReservations": found, **more}

    def update_capacity_reservation(self, request: Request, context: Context) -> Request:
        """Change how much is reserved."""
        with self.changing(context):
            found = self._active(request["Name"], context)
            found.target_dpus, found.allocated = request["TargetDpus"], time.time()
        return {}

    def cancel_capacity_reservation(self, request: Request, context: Context) -> Request:
        """Give a reservation up; it stays listed until it is deleted."""
        with self.changing(context):
            found = self._active(request["Name"], context)
            found.status, found.assignments = "CANCELLED", []
        return {}

    def delete_capacity_reservation(self, request: Request, context: Context) -> Request:
        """Delete a cancelled reservation."""
        with self.changing(context) as backend:
            found = self._reservation(request["Name"], context)
            if _state(found) != "CANCELLED":
                raise invalid(
                    f"Capacity reservation {found.name} must be cancelled before it is deleted"
                )
            del backend.capacity_reservations[found.name]
            backend.tagger.delete_all_tags_for_resource(found.arn)
        return {}

    def put_capacity_assignment_configuration(self, request: Request, context: Context) -> Request:
        """Assign work groups to a reservation."""
        with self.changing(context):
            found = self._active(request["CapacityReservationName"], context)
            for assignment in request["CapacityAssignments"]:
                for name in assignment.get("WorkGroupNames") or ():
                    self.work_group(name, context)
            found.assignments = request["CapacityAssignments"]
        return {}

    def get_capacity_assignment_configuration(self, request: Request, context: Context) -> Request:
        """Return which work groups are assigned to a reservation."""
        with self.lock:
            found = self._reservation(request["CapacityReservationName"], context)
            return {
                "CapacityAssignmentConfiguration": {
                    "CapacityReservationName": found.name,
                    "CapacityAssignments": getattr(found, "assignments", []),
                }
            }

    def _reservation(self, name: str, context: Context) -> Any:
        found = self.kept(context).capacity_reservations.get(name)
        if found is None:
            raise invalid(f"Capacity reservation {name} was not found")
        return found

    def _active(self, name: str, context: Context) -> Any:
        found = self._reservation(name, context)
        if _state(found) != "ACTIVE":
            raise invalid(f"Capacity reservation {name} is not active")
        return found


def _state(reservation: Any) -> str:
    return getattr(reservation, "status", "ACTIVE")


def _shown(reservation: Any) -> dict[str, Any]:
    active = _state(reservation) == "ACTIVE"
    created = getattr(reservation, "created", 0.0)
    allocated = getattr(reservation, "allocated", created)
    return {
        "Name": reservation.name,
        "Status": _state(reservation),
        "TargetDpus": reservation.target_dpus,
        "AllocatedDpus": reservation.target_dpus if active else 0,
        "LastAllocation": {
            "Status": "SUCCEEDED",
            "RequestTime": allocated,
            "RequestCompletionTime": allocated,
        },
        "LastSuccessfulAllocationTime": allocated,
        "CreationTime": created,
    }
