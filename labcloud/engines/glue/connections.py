"""Connections: how to reach a data store. Passwords are kept apart from what is shown.

Sources: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateConnection.html and
https://docs.aws.amazon.com/glue/latest/webapi/API_TestConnection.html
"""

from __future__ import annotations

import re
import socket
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, creator, given, next_page
from labcloud.engines.glue.paging import page
from labcloud.errors import AWSError, NotImplementedByLabcloud

KIND = "connection"
_SECRETS = ("PASSWORD", "ENCRYPTED_PASSWORD", "KAFKA_SASL_PLAIN_PASSWORD",
            "KAFKA_SASL_SCRAM_PASSWORD", "KAFKA_CLIENT_KEYSTORE_PASSWORD",
            "KAFKA_CLIENT_KEY_PASSWORD")  # fmt: skip
_NEVER_SHOWN = ("BasicAuthenticationCredentials", "CustomAuthenticationCredentials", "KmsKeyArn")
_NEEDS = {
    "JDBC": ("JDBC_CONNECTION_URL",),
    "KAFKA": ("KAFKA_BOOTSTRAP_SERVERS",),
    "MONGODB": ("CONNECTION_URL",),
}
"""The properties that a type of connection cannot do without."""

_WAIT = 5


class ConnectionOperations(GlueBase):
    """Create, Get, Update, Delete and TestConnection, GetConnections, BatchDeleteConnection."""

    def create_connection(self, request: Request, context: Context) -> Answer:
        """Add a connection. Raises `AlreadyExistsException`."""
        self.scope(request, context)
        wanted = request["ConnectionInput"]
        _check(wanted)
        at = codec.now()
        body = {
            **_kept(wanted),
            "CreationTime": at,
            "LastUpdatedTime": at,
            "LastUpdatedBy": creator(context),
            "Status": "READY",
            "ConnectionSchemaVersion": 2 if "AuthenticationConfiguration" in wanted else 1,
        }
        self.add_thing(context, KIND, wanted["Name"], body, errors.exists("Connection"))
        if tags := request.get("Tags"):
            self.tag(context, f"connection/{wanted['Name']}", tags)
        return {"CreateConnectionStatus": "READY"}

    def get_connection(self, request: Request, context: Context) -> Answer:
        """Return a connection, with its password unless that is to be hidden."""
        self.scope(request, context)
        found = self.connection(context, request["Name"])
        if engine := request.get("ApplyOverrideForComputeEnvironment"):
            own = found.get(f"{engine.capitalize()}Properties") or {}
            found["ConnectionProperties"] = {**found["ConnectionProperties"], **own}
        return {"Connection": _shown(found, request)}

    def get_connections(self, request: Request, context: Context) -> Answer:
        """Return a page of connections that fit the filter."""
        self.scope(request, context)
        wanted = request.get("Filter") or {}
        found = [one for one in self.things(context, KIND) if _fits(one, wanted)]
        some, token = page(found, request, 100, lambda one: one["Name"])
        return {"ConnectionList": [_shown(one, request) for one in some], **next_page(token)}

    def update_connection(self, request: Request, context: Context) -> Answer:
        """Replace what is known of a connection. Raises `EntityNotFoundException`."""
        self.scope(request, context)
        wanted = request["ConnectionInput"]
        _check(wanted)

        def change(old: dict[str, Any]) -> dict[str, Any]:
            kept = given(old, "Name", "CreationTime", "Status", "ConnectionSchemaVersion")
            at = {"LastUpdatedTime": codec.now(), "LastUpdatedBy": creator(context)}
            return {**_kept(wanted), **kept, **at}

        self.change_thing(context, KIND, request["Name"], change, _no(request["Name"]))
        return {}

    def delete_connection(self, request: Request, context: Context) -> Answer:
        """Remove a connection. Raises `EntityNotFoundException`."""
        self.scope(request, context)
        self._forget(context, request["ConnectionName"])
        return {}

    def batch_delete_connection(self, request: Request, context: Context) -> Answer:
        """Remove connections; those that are not there are reported by name."""
        self.scope(request, context)
        done, failed = [], {}
        for name in request["ConnectionNameList"]:
            try:
                self._forget(context, name)
                done.append(name)
            except AWSError as error:
                failed[name] = errors.detail(error)
        return {"Succeeded": done, "Errors": failed}

    def test_connection(self, request: Request, context: Context) -> Answer:
        """Try whether something listens where a connection leads.

        Raises `InvalidInputException` with the reason where nothing does, and a 501 for stores
        that no computer of a student has.
        """
        self.scope(request, context)
        found = request.get("TestConnectionInput")
        if found is None:
            if not request.get("ConnectionName"):
                raise errors.invalid("ConnectionName or TestConnectionInput is required.")
            found = self.connection(context, request["ConnectionName"])
        for host, port in _places(found):
            try:
                socket.create_connection((host, port), timeout=_WAIT).close()
            except OSError as error:
                raise errors.invalid(
                    f"Unable to connect to {host}:{port}: {error.strerror or error}"
                ) from None
        return {}

    def connection(self, context: Context, name: str) -> dict[str, Any]:
        """Return a connection as it is kept, with its password."""
        found = self.thing(context, KIND, name)
        if found is None:
            raise _no(name)
        return found

    def _forget(self, context: Context, name: str) -> None:
        if not self.remove_thing(context, KIND, name):
            raise _no(name)
        self.untag(context, f"connection/{name}")


def _no(name: str) -> AWSError:
    return errors.not_found(f"Connection {name} not found.")


def _check(wanted: dict[str, Any]) -> None:
    properties = wanted.get("ConnectionProperties") or {}
    if "AuthenticationConfiguration" in wanted or "SECRET_ID" in properties:
        return
    missing = [name for name in _NEEDS.get(wanted["ConnectionType"], ()) if name not in properties]
    if missing:
        raise errors.invalid(f"Connection properties are missing: {', '.join(missing)}.")


def _kept(wanted: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in wanted.items()
        if name not in ("ValidateCredentials", "ValidateForComputeEnvironments")
    }


def _shown(connection: dict[str, Any], request: Request) -> dict[str, Any]:
    shown = codec.restore(connection, "Connection")
    if request.get("HidePassword"):
        for member in (
            "ConnectionProperties",
            "SparkProperties",
            "AthenaProperties",
            "PythonProperties",
        ):
            if member in shown:
                shown[member] = {k: v for k, v in shown[member].items() if k not in _SECRETS}
    if "AuthenticationConfiguration" in shown:
        shown["AuthenticationConfiguration"] = {
            name: value
            for name, value in shown["AuthenticationConfiguration"].items()
            if name not in _NEVER_SHOWN
        }
    return shown


def _fits(connection: dict[str, Any], wanted: dict[str, Any]) -> bool:
    kind = wanted.get("ConnectionType")
    version = wanted.get("ConnectionSchemaVersion")
    return (
        kind in (None, connection["ConnectionType"])
        and version in (None, connection["ConnectionSchemaVersion"])
        and set(wanted.get("MatchCriteria") or ()) <= set(connection.get("MatchCriteria") or ())
    )


def _places(connection: dict[str, Any]) -> list[tuple[str, int]]:
    """Return hosts and ports that a connection leads to."""
    kind = connection["ConnectionType"]
    properties = connection.get("ConnectionProperties") or {}
    text = {
        "JDBC": properties.get("JDBC_CONNECTION_URL", ""),
        "KAFKA": properties.get("KAFKA_BOOTSTRAP_SERVERS", ""),
        "MONGODB": properties.get("CONNECTION_URL", ""),
    }.get(kind)
    if text is None:
        instead = "It tries JDBC, KAFKA and MONGODB connections."
        raise NotImplementedByLabcloud("glue", f"TestConnection ({kind})", instead)
    found = re.findall(r"(?:^|[/@,])(?://)?([\w.-]+):(\d{1,5})(?=$|[/;,?:])", text)
    if not found:
        raise errors.invalid(f"No host and port in the connection's address: {text}")
    return [(host, int(port)) for host, port in found]
