"""Query executions: started, watched, stopped, and their results.

Limits: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html. The order of checks and
their words as measured on the service by others, see errors.py.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import string
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from labcloud.engine import Context
from labcloud.engines.athena.base import CATALOG, Request
from labcloud.engines.athena.errors import invalid, too_many
from labcloud.engines.athena.executions import Execution, Store
from labcloud.engines.athena.failures import reason_of
from labcloud.engines.athena.job import Failure, Job, Kind, Outcome
from labcloud.engines.athena.locations import folder_of, split
from labcloud.engines.athena.paging import number, page, token_of
from labcloud.engines.athena.pool import Pool
from labcloud.engines.athena.results import Results, put_file, put_options
from labcloud.engines.athena.saved import BATCH, SavedOperations
from labcloud.engines.athena.workgroups import WorkGroupOperations, engine_version, is_managed
from labcloud.errors import AWSError
from labcloud.http import FileBody

if TYPE_CHECKING:
    from labcloud.cloud import Cloud
    from labcloud.trino import tree

PAGE = 1000
LARGEST_QUERY = 262_144
ACTIVE = {"DML": 200, "DDL": 20}
SECONDS = {"DML": 30 * 60.0, "DDL": 600 * 60.0}
LEAST_BILLED = 10 * 1024**2
MEGABYTE = 1024**2
TERABYTE = 1024**4
REUSE_MINUTES = 60
MANAGED_SECONDS = 24 * 3600.0

_NO_OUTPUT = (
    "No output location provided. You did not provide an output location for  your query results. "
    "Either specify an S3 bucket location or enable Athena managed query results in your "
    "workgroup settings."
)
_LIMIT = (
    "You have exceeded the limit for the number of queries you can run concurrently. Reduce the "
    "number of concurrent queries submitted by this account. Contact customer support to request "
    "a concurrent query limit increase."
)


class QueryOperations(WorkGroupOperations, SavedOperations):
    """Operations on query executions."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        directory = cloud.directory / "athena"
        self.store = Store(directory / "executions.sqlite")
        self.results = Results(cloud, directory / "managed")
        bodies = cloud.directory / "s3" / "bodies"
        self.pool = Pool(directory, bodies, self._serve, self._started, self._finished)
        self._numbers = itertools.count()
        self._name = "".join(random.choices(string.ascii_lowercase + string.digits, k=5))

    # ---- start

    def start_query_execution(self, request: Request, context: Context) -> Request:
        """Take a query in; it runs by itself. The same token starts it once."""
        if not request.get("ClientRequestToken"):
            raise invalid("clientRequestToken is null or empty")
        sql = request["QueryString"]
        if len(sql.encode()) > LARGEST_QUERY:
            raise invalid(f"Query string length exceeds the maximum of {LARGEST_QUERY} bytes")
        with self.lock:
            group = self.enabled(request.get("WorkGroup"), context)
            settings = dict(group.configuration)
        results, folder = self._results(request, settings)
        database = _database(request)
        kind = self._kind(sql, group.name, database, context)
        execution = self._new(request, context, group.name, settings, results, folder, kind)
        if (known := self._known(execution)) is not None:
            return {"QueryExecutionId": known}
        if folder:
            self._check_bucket(folder, results, context)
        self._check_limit(execution)
        reused = self._reused(request, execution)
        kept = self.store.add(execution)
        if kept is not execution:
            return {"QueryExecutionId": _same(kept, execution)}
        if not reused:
            self.pool.submit(self._job(execution, request, folder))
        return {"QueryExecutionId": execution.id}

    def _results(self, request: Request, settings: Request) -> tuple[Request, str]:
        """Return the ResultConfiguration that holds, and the folder of the result.

        A work group that enforces its settings overrides the client's.
        Source: https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html
        """
        given = {k: v for k, v in (request.get("ResultConfiguration") or {}).items() if v}
        own = settings.get("ResultConfiguration") or {}
        if location := given.get("OutputLocation"):
            folder_of(location)
        if is_managed(settings):
            if given.get("OutputLocation") and not settings.get("EnforceWorkGroupConfiguration"):
                raise invalid(
                    "OutputLocation cannot be specified when managed query results are enabled "
                    "for the workgroup"
                )
            return {}, ""
        enforced = settings.get("EnforceWorkGroupConfiguration") and own.get("OutputLocation")
        chosen = own if enforced or not given.get("OutputLocation") else given
        if not chosen.get("OutputLocation"):
            raise invalid(_NO_OUTPUT)
        if chosen is own and not enforced:
            chosen = {**own, **given}
        results = {name: value for name, value in chosen.items() if name != "OutputLocation"}
        _check_encryption(results, settings)
        return results, folder_of(chosen["OutputLocation"])

    def _kind(self, sql: str, group: str, database: str, context: Context) -> Kind:
        """Return what kind of statement a query is. Raises its syntax error."""
        from labcloud.engines.athena.classify import kind_of
        from labcloud.trino import tree

        node = _parse(sql)
        self._check_statement(node, database, context)
        if isinstance(node, tree.Execute):
            node = self._executed(node, group, context)
        elif isinstance(node, tree.ExecuteImmediate):
            node = _parse(node.statement)
        return kind_of(node)

    def _check_statement(self, node: tree.Node, database: str, context: Context) -> None:
        """Raise what the service finds wrong with Hive's statements before they run."""
        from labcloud.trino import tree

        if isinstance(node, tree.CreateTable) and not node.location:
            raise invalid(
                "No location was specified for table. An S3 location must be specified",
                "MALFORMED_QUERY",
            )
        columns = isinstance(node, tree.Show) and node.what == "COLUMNS"
        if isinstance(node, tree.Describe) or columns:
            self._check_exists(_names_of(node), database, context)

    def _check_exists(self, names: list[str], database: str, context: Context) -> None:
        """Raise where a table that is to be described is not in the catalog."""
        if len(names) > 2 and names[0] != CATALOG.lower():
            return
        asked = {"DatabaseName": [database, *names][-2], "Name": names[-1]}
        try:
            self._call("glue", "GetTable", asked, context.account, context.region)
        except AWSError as error:
            if error.code != "EntityNotFoundException":
                raise
            raise invalid(
                "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: "
                f"EntityNotFoundException; Request ID: {uuid.uuid4()}; Proxy: null)"
            ) from None

    def _executed(self, node: tree.Execute, group: str, context: Context) -> tree.Node:
        """Return the statement that an EXECUTE means, itself where there is none."""
        with self.lock:
            found = self.kept(context).prepared_statements.get((group, node.name.value))
        return _parse(found.query_statement) if found is not None else _parse("SELECT 1")

    def _new(
        self,
        request: Request,
        context: Context,
        group: str,
        settings: Request,
        results: Request,
        folder: str,
        kind: Kind,
    ) -> Execution:
        id_ = str(uuid.uuid4())
        told = ("QueryExecutionContext", "ExecutionParameters", "ResultReuseConfiguration")
        asked = {name: request[name] for name in told if request.get(name)}
        managed = settings["ManagedQueryResultsConfiguration"] if is_managed(settings) else None
        database = (request.get("QueryExecutionContext") or {}).get("Database")
        catalog = (request.get("QueryExecutionContext") or {}).get("Catalog")
        location = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        sql = request["QueryString"]
        now = datetime.now(UTC)
        return Execution(
            id_,
            context.account,
            context.region,
            group,
            sql,
            kind,
            asked,
            results,
            f"{folder}{kind.folder}{id_}{kind.ending}" if folder else "",
            managed,
            engine_version(settings.get("EngineVersion")),
            f"{now:%Y%m%d_%H%M%S}_{next(self._numbers) % 100_000:05d}_{self._name}",
            request.get("ClientRequestToken"),
            _digest(sql, catalog, database, location),
            _digest(
                context.account, context.region, group, sql.strip(), (catalog or "").lower(),
                database, request.get("ExecutionParameters"), results, folder, managed,
            ),
            settings.get("BytesScannedCutoffPerQuery"),
            context.lab,
            submitted=now.timestamp(),
        )  # fmt: skip

    def _known(self, execution: Execution) -> str | None:
        """Return the id of the execution that has the token already."""
        assert execution.token is not None
        found = self.store.of_token(execution.place, execution.token)
        return None if found is None else _same(found, execution)

    def _check_bucket(self, folder: str, results: Request, context: Context) -> None:
        bucket, _ = split(folder)
        asked = {"Bucket": bucket, "MaxKeys": 1}
        if owner := results.get("ExpectedBucketOwner"):
            asked["ExpectedBucketOwner"] = owner
        try:
            self._call("s3", "ListObjectsV2", asked, context.account, context.region)
        except AWSError as error:
            if error.status in (403, 404):
                raise invalid(f"Unable to verify/create output bucket {bucket}") from None
            raise

    def _check_limit(self, execution: Execution) -> None:
        kind = "DDL" if execution.kind.type == "DDL" else "DML"
        active = self.store.active(execution.place)
        same = sum((one.kind.type == "DDL") == (kind == "DDL") for one in active)
        if same >= ACTIVE[kind]:
            raise too_many(_LIMIT)

    def _job(self, execution: Execution, request: Request, folder: str) -> Job:
        catalog = (request.get("QueryExecutionContext") or {}).get("Catalog")
        kind = "DDL" if execution.kind.type == "DDL" else "DML"
        return Job(
            execution.id,
            execution.query,
            _database(request),
            (catalog or CATALOG).lower(),
            tuple(request.get("ExecutionParameters") or ()),
            execution.work_group,
            datetime.fromtimestamp(execution.submitted, UTC),
            folder,
            execution.engine_id,
            SECONDS[kind],
            execution.cutoff,
            execution.account,
            execution.region,
        )

    # ---- reuse

    def _reused(self, request: Request, execution: Execution) -> bool:
        """Give an execution the result of an earlier one, where the request allows that.

        The data behind is not looked at: who allows reuse accepts results of that age.
        Source: https://docs.aws.amazon.com/athena/latest/ug/reusing-query-results.html
        """
        rule = (request.get("ResultReuseConfiguration") or {}).get("ResultReuseByAgeConfiguration")
        if rule is None or not rule.get("Enabled") or execution.kind.subtype != "SELECT":
            return False
        minutes = rule.get("MaxAgeInMinutes")
        oldest = time.time() - 60.0 * (REUSE_MINUTES if minutes is None else minutes)
        for earlier in self.store.reusable(execution.reusable):
            if (earlier.completed or 0) < oldest:
                return False
            if self._still_there(earlier):
                self.results.share(earlier, execution)
                _take_over(execution, earlier)
                return True
        return False

    def _still_there(self, earlier: Execution) -> bool:
        if not self.results.exists(earlier):
            return False
        for database, table in earlier.tables:
            asked = {"DatabaseName": database, "Name": table}
            try:
                self._call("glue", "GetTable", asked, earlier.account, earlier.region)
            except AWSError:
                return False
        return True

    # ---- what workers ask, and tell

    def _call(
        self, service: str, operation: str, request: Request, account: str, region: str
    ) -> Request:
        return self.cloud.call(service, operation, request, account=account, region=region)

    def _serve(self, job: Job, question: tuple[Any, ...]) -> tuple[bool, Any]:
        """Answer what a worker asks: (True, answer), or (False, the error's parts)."""
        try:
            return True, getattr(self, f"_serve_{question[0]}")(job, *question[1:])
        except AWSError as error:
            return False, (error.code, error.message, error.status, error.members)

    def _serve_call(self, job: Job, service: str, operation: str, request: Request) -> Request:
        answer = self._call(service, operation, request, job.account, job.region)
        body = answer.get("Body")
        if body is not None and not isinstance(body, bytes | FileBody):
            answer["Body"] = b"".join(body)
        return answer

    def _serve_bodies(self, job: Job, bucket: str, keys: list[str]) -> list[str]:
        return [self._path(job, bucket, key) for key in keys]

    def _path(self, job: Job, bucket: str, key: str) -> str:
        asked = {"Bucket": bucket, "Key": key}
        body = self._call("s3", "GetObject", asked, job.account, job.region)["Body"]
        if not isinstance(body, FileBody):
            return os.devnull
        assert body.start == 0
        return body.path

    def _serve_put_file(self, job: Job, bucket: str, key: str, path: str) -> Request:
        with self.store.lock:
            execution = self.store.live.get(job.query_id)
        options = put_options(execution.results) if execution is not None else {}
        options.pop("ExpectedBucketOwner", None)
        place = {"account": job.account, "region": job.region}
        request = {"Bucket": bucket, "Key": key, **options}
        answer: Request = put_file(self.cloud, request, path, place)
        return answer

    def _started(self, job: Job) -> None:
        with self.store.lock:
            execution = self.store.live.get(job.query_id)
            if execution is not None and execution.state == "QUEUED":
                execution.state, execution.started = "RUNNING", time.time()

    def _finished(self, job: Job, outcome: Outcome) -> None:
        """Write the result, then let everybody see that the query is over."""
        with self.store.lock:
            execution = self.store.live.get(job.query_id)
        if execution is None or execution.over:
            return
        arrived = time.time()
        failure = outcome.failure or self._write(execution, outcome)
        execution.processing = round(max(0.0, time.time() - arrived) * 1000)
        statistics = outcome.statistics
        execution.measures = {
            name: getattr(statistics, name) for name in type(statistics).__slots__
        }
        execution.tables = [list(table) for table in outcome.tables]
        with self.store.lock:
            if execution.over:
                return
            self._end(execution, outcome, failure)
            self.store.finish(execution)
        if execution.state != "FAILED":
            self._bill(execution)

    def _end(self, execution: Execution, outcome: Outcome, failure: Failure | None) -> None:
        if failure is None:
            execution.columns, execution.update_count = outcome.columns, outcome.update_count
            execution.end("SUCCEEDED")
        elif failure.cutoff:
            execution.measures["data_scanned"] = execution.cutoff or 0
            execution.end("CANCELLED", reason=failure.message)
        else:
            execution.reason = reason_of(failure)
            self._write_failure(execution)
            execution.end("FAILED", failure)

    def _write(self, execution: Execution, outcome: Outcome) -> Failure | None:
        try:
            self.results.write(execution, outcome)
        except AWSError as error:
            return Failure(
                "RESULT_WRITE",
                f"Failed to write query results to {execution.output}: {error.message} "
                f"(Service: Amazon S3; Status Code: {error.status}; Error Code: {error.code})",
            )
        return None

    def _write_failure(self, execution: Execution) -> None:
        try:
            self.results.write_failure(execution)
        except AWSError as error:
            self.cloud.log.info("Athena: no reason was written for %s: %s", execution.id, error)

    def _bill(self, execution: Execution) -> None:
        """Count the bytes scanned: by the MB, at least 10 MB a query; DDL and plans are free."""
        scanned = execution.measures.get("data_scanned", 0)
        kind = execution.kind
        if kind.type != "DML" and kind.subtype != "CREATE_TABLE_AS_SELECT":
            return
        if kind.subtype == "EXPLAIN" and not scanned:
            return
        billed = max(LEAST_BILLED, -(-scanned // MEGABYTE) * MEGABYTE)
        units = {"TB-scanned": billed / TERABYTE}
        self.cloud.bill.record("athena", "StartQueryExecution", execution.lab, units=units)

    # ---- watch and stop

    def get_query_execution(self, request: Request, context: Context) -> Request:
        """Return how an execution stands."""
        return {"QueryExecution": self._shown(self._execution(request, context))}

    def _shown(self, execution: Execution) -> Request:
        with self.store.lock:
            return execution.shown()

    def _execution(self, request: Request, context: Context) -> Execution:
        id_ = request["QueryExecutionId"]
        found = self.store.get(id_, _place(context))
        if found is None:
            raise invalid(f"QueryExecution {id_} was not found", "QUERY_EXECUTION_NOT_FOUND")
        return found

    def batch_get_query_execution(self, request: Request, context: Context) -> Request:
        """Return several executions, and the ids of which there is none."""
        ids = request["QueryExecutionIds"]
        if len(ids) > BATCH:
            raise invalid(
                "1 validation error detected: Value at 'queryExecutionIds' failed to satisfy "
                f"constraint: Member must have length less than or equal to {BATCH}"
            )
        found, missing = [], []
        for id_ in ids:
            execution = self.store.get(id_, _place(context))
            if execution is not None:
                found.append(self._shown(execution))
            else:
                missing.append(
                    {
                        "QueryExecutionId": id_,
                        "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
                        "ErrorMessage": f"QueryExecution {id_} was not found",
                    }
                )
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}

    def list_query_executions(self, request: Request, context: Context) -> Request:
        """Return the ids of a work group's executions, newest first."""
        with self.lock:
            group = self.work_group(request.get("WorkGroup"), context).name
        below = None
        if (token := request.get("NextToken")) is not None:
            below = number(token)
        limit = request.get("MaxResults") or BATCH
        found = self.store.ids(_place(context), group, below, limit + 1)
        more = {"NextToken": token_of(str(found[limit - 1][0]))} if len(found) > limit else {}
        return {"QueryExecutionIds": [id_ for _, id_ in found[:limit]], **more}

    def stop_query_execution(self, request: Request, context: Context) -> Request:
        """Cancel an execution; one that is over stays as it is."""
        execution = self._execution(request, context)
        with self.store.lock:
            if execution.over:
                return {}
            execution.end("CANCELLED", reason="Query cancelled by user")
            self.store.finish(execution)
        self.pool.cancel(execution.id)
        return {}

    # ---- results

    def get_query_results(self, request: Request, context: Context) -> Request:
        """Return a page of a result; its first row has the columns' names, for a query."""
        execution = self._execution(request, context)
        limit = request.get("MaxResults")
        limit = PAGE if limit is None else limit
        if limit > PAGE:
            raise invalid(f"MaxResults is more than maximum allowed length {PAGE}")
        _check_succeeded(execution)
        token = request.get("NextToken")
        if request.get("QueryResultType") == "DATA_MANIFEST":
            listed, more = page(self.results.manifest(execution), request, PAGE)
            rows, following = list(listed), more.get("NextToken")
        else:
            rows, following = self.results.page(execution, token, limit)
        answer: Request = {
            "ResultSet": {
                "Rows": [{"Data": [_datum(value) for value in row]} for row in rows],
                "ResultSetMetadata": {"ColumnInfo": execution.columns},
            }
        }
        if execution.kind.counts:
            answer["UpdateCount"] = execution.update_count or 0
        if following is not None:
            answer["NextToken"] = following
        return answer

    def get_query_runtime_statistics(self, request: Request, context: Context) -> Request:
        """Return how long a query's steps took, and what it read and wrote."""
        execution = self._execution(request, context)
        with self.store.lock:
            measures, timeline = dict(execution.measures), execution.timeline()
        answer: Request = {"Timeline": timeline}
        if execution.over and execution.kind.type == "DML" and measures:
            rows = {
                "InputRows": measures.get("rows_read", 0),
                "InputBytes": measures.get("data_scanned", 0),
                "OutputRows": execution.update_count or measures.get("rows_returned", 0),
                "OutputBytes": measures.get("bytes_returned", 0),
            }
            answer["Rows"] = rows
            answer["OutputStage"] = {
                "StageId": 0,
                "State": "FINISHED" if execution.state == "SUCCEEDED" else execution.state,
                "ExecutionTime": measures.get("execution", 0),
                **rows,
            }
        return {"QueryRuntimeStatistics": answer}

    # ---- work groups that go, time that passes

    def holds(self, backend: Any, group: Any, context: Context) -> bool:
        """Return whether a work group holds saved queries or has run any."""
        return super().holds(backend, group, context) or self.store.has_run(
            _place(context), group.name
        )

    def empty(self, backend: Any, group: Any, context: Context) -> None:
        """Forget what a work group holds; what runs in it is stopped."""
        super().empty(backend, group, context)
        for execution in self.store.active(_place(context)):
            if execution.work_group == group.name:
                self.stop_query_execution({"QueryExecutionId": execution.id}, context)
        self.store.forget_group(_place(context), group.name)

    def clean(self) -> None:
        """Forget what Athena keeps no longer: history after 45 days, managed results after one."""
        self.results.forget(self.store.forget_old())
        self.results.forget_older(time.time() - MANAGED_SECONDS)


def _place(context: Context) -> str:
    return f"{context.account}/{context.region}"


def _database(request: Request) -> str:
    """Return the database of a request's context; awswrangler sends it in backticks."""
    given = (request.get("QueryExecutionContext") or {}).get("Database") or "default"
    return str(given).strip("`").lower()


def _parse(sql: str) -> tree.Node:
    from labcloud.trino import parser
    from labcloud.trino.errors import TrinoError

    try:
        node: tree.Node = parser.parse(sql)
    except TrinoError as error:
        raise invalid(error.message, "MALFORMED_QUERY") from None
    except RecursionError:
        raise invalid(
            "line 1:1: statement is too large (stack overflow while parsing)", "MALFORMED_QUERY"
        ) from None
    return node


def _names_of(node: Any) -> list[str]:
    """Return the parts of the table's name in a DESCRIBE or SHOW COLUMNS, in lower case."""
    from labcloud.trino import tree

    if isinstance(node, tree.Describe):
        return [part.value.lower() for part in node.name]
    details = dict(node.details)
    name, database = details["name"], details.get("database")
    before = (database[-1] if isinstance(database, tuple) else database,) if database else ()
    return [part.value.lower() for part in (*before, *name)]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _same(known: Execution, execution: Execution) -> str:
    """Return the id of an execution that has the same token. Raises where it asks for another."""
    if known.identity != execution.identity:
        raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
    return known.id


def _check_encryption(results: Request, settings: Request) -> None:
    encryption = results.get("EncryptionConfiguration") or {}
    option = encryption.get("EncryptionOption")
    if option == "CSE_KMS":
        raise invalid("labcloud does not encrypt results on the client's side; choose SSE_KMS")
    if option == "SSE_KMS" and not encryption.get("KmsKey"):
        raise invalid("KmsKey is required for the encryption option SSE_KMS")
    enforced = settings.get("EnforceWorkGroupConfiguration")
    least = (settings.get("ResultConfiguration") or {}).get("EncryptionConfiguration") or {}
    if settings.get("EnableMinimumEncryptionConfiguration") and not enforced and least:
        order = (None, "SSE_S3", "SSE_KMS", "CSE_KMS")
        if order.index(option) < order.index(least.get("EncryptionOption")):
            raise invalid(
                "The encryption option of the query is below the minimum that the workgroup sets"
            )


def _take_over(execution: Execution, earlier: Execution) -> None:
    execution.output, execution.columns = earlier.output, earlier.columns
    execution.update_count, execution.tables = earlier.update_count, earlier.tables
    execution.reused, execution.started = True, execution.submitted
    execution.end("SUCCEEDED")


def _check_succeeded(execution: Execution) -> None:
    state = execution.state
    if state == "SUCCEEDED":
        return
    if state == "CANCELLED":
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    words = (
        f"Query did not finish successfully. Final query state: {state}"
        if state == "FAILED"
        else f"Query has not yet finished. Current state: {state}"
    )
    raise invalid(words, "INVALID_QUERY_EXECUTION_STATE")


def _datum(value: str | None) -> dict[str, str]:
    return {} if value is None else {"VarCharValue": value}
