"""Named queries and prepared statements: texts that a work group keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.athena.models import NamedQuery, PreparedStatement

from labcloud.engine import Context
from labcloud.engines.athena.base import AthenaBase, Request
from labcloud.engines.athena.errors import invalid, not_found
from labcloud.engines.athena.paging import page

BATCH = 50


class SavedOperations(AthenaBase):
    """Operations on named queries and prepared statements."""

    # ---- named queries

    def create_named_query(self, request: Request, context: Context) -> Request:
        """Save a query under a name; the same token makes it once."""
        token = request.get("ClientRequestToken")
        given: list[Any] = [
            request.get(key) for key in ("Name", "Description", "Database", "QueryString")
        ]
        with self.changing(context) as backend:
            group = self.enabled(request.get("WorkGroup"), context)
            for known in backend.named_queries.values():
                if token and getattr(known, "token", None) == token:
                    texts = [known.name, known.description, known.database, known.query_string]
                    if texts != given:
                        raise invalid(
                            "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                        )
                    return {"NamedQueryId": known.id}
            name, about, database, text = given
            made: Any = NamedQuery(name, about, database, text, group)
            made.token = token
            backend.named_queries[made.id] = made
        return {"NamedQueryId": made.id}

    def enabled(self, name: str | None, context: Context) -> Any:
        """Return a work group in which something may be made or run."""
        group = self.work_group(name, context)
        if group.state != "ENABLED":
            raise invalid(f"WorkGroup {group.name} is disabled.")
        return group

    def get_named_query(self, request: Request, context: Context) -> Request:
        """Return a named query."""
        with self.lock:
            return {"NamedQuery": _named(self._named(request["NamedQueryId"], context))}

    def batch_get_named_query(self, request: Request, context: Context) -> Request:
        """Return several named queries, and the ids of which there is none."""
        ids = _batch(request["NamedQueryIds"], "namedQueryIds")
        with self.lock:
            known = self.kept(context).named_queries
            found = [_named(known[id_]) for id_ in ids if id_ in known]
        missing = [
            {
                "NamedQueryId": id_,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"NamedQuery {id_} was not found",
            }
            for id_ in ids
            if id_ not in known
        ]
        return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}

    def list_named_queries(self, request: Request, context: Context) -> Request:
        """Return the ids of a work group's named queries."""
        with self.lock:
            group = self.work_group(request.get("WorkGroup"), context)
            queries = self.kept(context).named_queries.values()
            ids = [query.id for query in queries if query.workgroup.name == group.name]
        ids, more = page(ids, request, BATCH)  # type: ignore[assignment]
        return {"NamedQueryIds": ids, **more}

    def update_named_query(self, request: Request, context: Context) -> Request:
        """Give a named query another name, text or description."""
        with self.changing(context):
            found = self._named(request["NamedQueryId"], context)
            found.name, found.query_string = request["Name"], request["QueryString"]
            found.description = request.get("Description")
        return {}

    def delete_named_query(self, request: Request, context: Context) -> Request:
        """Delete a named query."""
        with self.changing(context) as backend:
            del backend.named_queries[self._named(request["NamedQueryId"], context).id]
        return {}

    def _named(self, id_: str, context: Context) -> Any:
        found = self.kept(context).named_queries.get(id_)
        if found is None:
            raise invalid(f"NamedQuery {id_} was not found", "NAMED_QUERY_NOT_FOUND")
        return found

    # ---- prepared statements

    def create_prepared_statement(self, request: Request, context: Context) -> Request:
        """Keep a statement with parameters under a name."""
        name = request["StatementName"]
        with self.changing(context) as backend:
            group = self.enabled(request["WorkGroup"], context)
            if (group.name, name) in backend.prepared_statements:
                raise invalid(f"PreparedStatement {name} already exists in workGroup {group.name}")
            text, about = request["QueryStatement"], request.get("Description")
            made = PreparedStatement(name, group, text, about or "")
            made.last_modified_time = datetime.now(UTC)
            backend.prepared_statements[group.name, name] = made
        return {}

    def get_prepared_statement(self, request: Request, context: Context) -> Request:
        """Return a prepared statement."""
        with self.lock:
            return {"PreparedStatement": _prepared(self._prepared(request, context))}

    def batch_get_prepared_statement(self, request: Request, context: Context) -> Request:
        """Return several prepared statements, and the names of which there is none."""
        names = _batch(request["PreparedStatementNames"], "preparedStatementNames")
        with self.lock:
            group = self.work_group(request["WorkGroup"], context).name
            known = self.kept(context).prepared_statements
            found = [_prepared(known[group, name]) for name in names if (group, name) in known]
        missing = [
            {
                "StatementName": name,
                "ErrorCode": "RESOURCE_NOT_FOUND",
                "ErrorMessage": _missing(name, group),
            }
            for name in names
            if (group, name) not in known
        ]
        return {"PreparedStatements": found, "UnprocessedPreparedStatementNames": missing}

    def list_prepared_statements(self, request: Request, context: Context) -> Request:
        """Return the names of a work group's prepared statements."""
        with self.lock:
            group = self.work_group(request["WorkGroup"], context).name
            known = self.kept(context).prepared_statements
            found = [
                {
                    "StatementName": key[1],
                    "LastModifiedTime": known[key].last_modified_time,
                }
                for key in sorted(known)
                if key[0] == group
            ]
        found, more = page(found, request, BATCH)  # type: ignore[assignment]
        return {"PreparedStatements": found, **more}

    def update_prepared_statement(self, request: Request, context: Context) -> Request:
        """Give a prepared statement another text."""
        with self.changing(context):
            found = self._prepared(request, context)
            found.query_statement = request["QueryStatement"]
            found.description = request.get("Description") or found.description
            found.last_modified_time = datetime.now(UTC)
        return {}

    def delete_prepared_statement(self, request: Request, context: Context) -> Request:
        """Delete a prepared statement."""
        with self.changing(context) as backend:
            found = self._prepared(request, context)
            del backend.prepared_statements[found.workgroup.name, found.statement_name]
        return {}

    def _prepared(self, request: Request, context: Context) -> Any:
        group = self.work_group(request["WorkGroup"], context).name
        name = request["StatementName"]
        found = self.kept(context).prepared_statements.get((group, name))
        if found is None:
            raise not_found(_missing(name, group), name)
        return found


def _missing(name: str, group: str) -> str:
    return f"PreparedStatement {name} was not found in workGroup {group}"


def _batch(ids: list[str], member: str) -> list[str]:
    if len(ids) > BATCH:
        raise invalid(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {BATCH}"
        )
    return ids


def _named(query: Any) -> dict[str, Any]:
    shown = {
        "Name": query.name,
        "Database": query.database,
        "QueryString": query.query_string,
        "NamedQueryId": query.id,
        "WorkGroup": query.workgroup.name,
    }
    return shown | ({"Description": query.description} if query.description else {})


def _prepared(statement: Any) -> dict[str, Any]:
    shown = {
        "StatementName": statement.statement_name,
        "QueryStatement": statement.query_statement,
        "WorkGroupName": statement.workgroup.name,
        "LastModifiedTime": statement.last_modified_time,
    }
    return shown | ({"Description": statement.description} if statement.description else {})
