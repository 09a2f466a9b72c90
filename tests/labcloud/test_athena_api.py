"""Athena's API: executions and their results, work groups, saved queries, catalogs, tags."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.exceptions import ClientError

OUTPUT = "s3://results/queries"


@pytest.fixture(scope="module")
def s3(aws: boto3.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="results")
    return client


@pytest.fixture(scope="module")
def athena(aws: boto3.Session, s3: Any) -> Any:
    return aws.client("athena")


Execution = dict[str, Any]


def finish(athena: Any, id_: str) -> Execution:
    """Wait for the end of an execution."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found: Execution = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return found
        time.sleep(0.005)
    raise AssertionError(f"query {id_} did not end")


def start(athena: Any, sql: str, **request: Any) -> str:
    request.setdefault("ResultConfiguration", {"OutputLocation": OUTPUT})
    return str(athena.start_query_execution(QueryString=sql, **request)["QueryExecutionId"])


@pytest.fixture(scope="module")
def run(athena: Any) -> Callable[..., Execution]:
    return lambda sql, **request: finish(athena, start(athena, sql, **request))


def refused(call: Callable[[], Any]) -> tuple[str, str, str]:
    """Return an error's code, its AthenaErrorCode and its message."""
    with pytest.raises(ClientError) as caught:
        call()
    response = caught.value.response
    error = response["Error"]
    return error["Code"], str(response.get("AthenaErrorCode", "")), error["Message"]


def body(s3: Any, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


# ---- a query and its result


def test_a_query_runs_and_its_result_is_a_file(
    athena: Any, s3: Any, run: Callable[..., Execution]
) -> None:
    done = run("""SELECT 1 AS a, 'x"y' AS b, CAST(NULL AS varchar) AS c, '' AS d""")
    assert done["Status"]["State"] == "SUCCEEDED"
    assert (done["StatementType"], done["SubstatementType"]) == ("DML", "SELECT")
    assert done["Statistics"]["DataScannedInBytes"] == 0
    assert done["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    output = done["ResultConfiguration"]["OutputLocation"]
    assert output == f"{OUTPUT}/{done['QueryExecutionId']}.csv"
    assert body(s3, output) == b'"a","b","c","d"\n"1","x""y",,""\n'
    assert body(s3, f"{output}.metadata").startswith(b"\n\x1b20")
    answer = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])
    assert [row["Data"] for row in answer["ResultSet"]["Rows"]] == [
        [{"VarCharValue": name} for name in "abcd"],
        [{"VarCharValue": "1"}, {"VarCharValue": 'x"y'}, {}, {"VarCharValue": ""}],
    ]
    assert answer["UpdateCount"] == 0
    info = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (info[0]["Name"], info[0]["Type"]) == ("a", "integer")
    assert info[0]["CatalogName"] == "hive" and info[0]["Nullable"] == "UNKNOWN"


@pytest.mark.parametrize("location", ["s3://results", "s3://results/", "s3://results/x/y/"])
def test_the_output_location_may_end_with_a_slash(
    run: Callable[..., Execution], location: str
) -> None:
    done = run("SELECT 1", ResultConfiguration={"OutputLocation": location})
    output = done["ResultConfiguration"]["OutputLocation"]
    assert output == f"{location.rstrip('/')}/{done['QueryExecutionId']}.csv"


def test_values_with_line_breaks_come_back_whole(
    athena: Any, run: Callable[..., Execution]
) -> None:
    done = run("""SELECT 'a' || chr(10) || '"' || chr(13) || ',b' AS x, 'ü€' AS y""")
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": 'a\n"\r,b'}, {"VarCharValue": "ü€"}]


def test_results_come_in_pages_of_a_thousand(athena: Any, run: Callable[..., Execution]) -> None:
    id_ = run("SELECT n FROM UNNEST(sequence(1, 2500)) AS t (n)")["QueryExecutionId"]
    seen: list[str] = []
    request = {"QueryExecutionId": id_}
    while True:
        answer = athena.get_query_results(**request)
        seen += [row["Data"][0]["VarCharValue"] for row in answer["ResultSet"]["Rows"]]
        if "NextToken" not in answer:
            break
        assert len(answer["ResultSet"]["Rows"]) == 1000
        request["NextToken"] = answer["NextToken"]
    assert seen == ["n", *map(str, range(1, 2501))]


def test_a_full_page_has_a_token_even_if_nothing_follows(
    athena: Any, run: Callable[..., Execution]
) -> None:
    id_ = run("SELECT n FROM UNNEST(sequence(1, 5)) AS t (n)")["QueryExecutionId"]
    first = athena.get_query_results(QueryExecutionId=id_, MaxResults=6)
    second = athena.get_query_results(
        QueryExecutionId=id_, MaxResults=6, NextToken=first["NextToken"]
    )
    assert len(first["ResultSet"]["Rows"]) == 6
    assert second["ResultSet"]["Rows"] == [] and "NextToken" not in second


def test_what_get_query_results_refuses(athena: Any, run: Callable[..., Execution]) -> None:
    id_ = run("SELECT 1")["QueryExecutionId"]
    get = athena.get_query_results
    invalid = "InvalidRequestException"
    assert refused(lambda: get(QueryExecutionId="nope")) == (
        invalid,
        "QUERY_EXECUTION_NOT_FOUND",
        "QueryExecution nope was not found",
    )
    assert refused(lambda: get(QueryExecutionId=id_, MaxResults=1001)) == (
        invalid,
        "INVALID_INPUT",
        "MaxResults is more than maximum allowed length 1000",
    )
    assert refused(lambda: get(QueryExecutionId=id_, NextToken="x")) == (
        invalid,
        "INVALID_INPUT",
        "Malformed nextPageToken x",
    )


def test_a_failed_query_says_why(athena: Any, run: Callable[..., Execution]) -> None:
    done = run("SELECT 1 / 0")
    status = done["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == "DIVISION_BY_ZERO: Division by zero"
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": 1001,
        "Retryable": False,
        "ErrorMessage": "DIVISION_BY_ZERO: Division by zero",
    }
    refusal = refused(lambda: athena.get_query_results(QueryExecutionId=done["QueryExecutionId"]))
    assert refusal == (
        "InvalidRequestException",
        "INVALID_QUERY_EXECUTION_STATE",
        "Query did not finish successfully. Final query state: FAILED",
    )


def test_a_failed_query_leaves_no_result(s3: Any, run: Callable[..., Execution]) -> None:
    done = run("SELECT 1 / 0")
    listed = s3.list_objects_v2(Bucket="results", Prefix=f"queries/{done['QueryExecutionId']}")
    assert listed["KeyCount"] == 0


def test_a_syntax_error_starts_nothing(athena: Any) -> None:
    code, reason, message = refused(lambda: start(athena, "SELEC 1"))
    assert (code, reason) == ("InvalidRequestException", "MALFORMED_QUERY")
    assert message.startswith("line 1:1: mismatched input 'SELEC'. Expecting: ")


# ---- what StartQueryExecution refuses, and its idempotency


def test_the_output_location_is_checked(athena: Any) -> None:
    code, reason, message = refused(lambda: athena.start_query_execution(QueryString="SELECT 1"))
    assert (code, reason) == ("InvalidRequestException", "INVALID_INPUT")
    assert message.startswith("No output location provided.")
    for location in ("results/x", "s3://", "http://results/x"):
        refusal = refused(
            lambda: start(athena, "SELEC", ResultConfiguration={"OutputLocation": location})  # noqa: B023
        )
        assert refusal[2] == "outputLocation is not a valid S3 path."
    refusal = refused(
        lambda: start(athena, "SELECT 1", ResultConfiguration={"OutputLocation": "s3://absent/"})
    )
    assert refusal[2] == "Unable to verify/create output bucket absent"


def test_a_bucket_of_another_owner_is_refused(athena: Any) -> None:
    configuration = {"OutputLocation": OUTPUT, "ExpectedBucketOwner": "111122223333"}
    refusal = refused(lambda: start(athena, "SELECT 1", ResultConfiguration=configuration))
    assert refusal[2] == "Unable to verify/create output bucket results"


def post(cloud: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a request that botocore would not send."""
    headers = {
        "X-Amz-Target": f"AmazonAthena.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20000101/us-east-1/athena/"
        "aws4_request, SignedHeaders=host, Signature=0",
    }
    try:
        with urlopen(Request(cloud.url, json.dumps(request).encode(), headers)) as answer:
            return dict(json.load(answer))
    except HTTPError as error:
        return dict(json.load(error))


def test_constraints_of_the_model_hold(cloud: Any) -> None:
    short = post(
        cloud, "StartQueryExecution", {"QueryString": "SELEC", "ClientRequestToken": "short"}
    )
    assert short["__type"] == "InvalidRequestException"
    assert short["ErrorCode"] == short["AthenaErrorCode"] == "INVALID_INPUT"
    assert short["message"] == (
        "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: "
        "Member must have length greater than or equal to 32"
    )
    absent = post(cloud, "StartQueryExecution", {"QueryString": "SELECT 1"})
    assert absent["message"] == "clientRequestToken is null or empty"
    low = post(cloud, "ListWorkGroups", {"MaxResults": 0, "NextToken": ""})
    assert low["message"] == (
        "2 validation errors detected: Value at 'nextToken' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1; Value at 'maxResults' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1"
    )


def test_a_token_starts_a_query_once(athena: Any) -> None:
    token = uuid.uuid4().hex
    first = start(athena, "SELECT 1", ClientRequestToken=token)
    assert start(athena, "SELECT 1", ClientRequestToken=token) == first
    finish(athena, first)
    assert start(athena, "SELECT 1", ClientRequestToken=token) == first
    assert refused(lambda: start(athena, "SELECT 2", ClientRequestToken=token)) == (
        "InvalidRequestException",
        "IDEMPOTENT_PARAMETER_MISMATCH",
        "Idempotent parameters do not match",
    )


def test_a_query_of_more_than_the_limit_is_refused(athena: Any) -> None:
    sql = f"SELECT '{'ü' * 140_000}'"
    assert "262144" in refused(lambda: start(athena, sql))[2]


def test_parameters_take_the_places_of_question_marks(
    athena: Any, run: Callable[..., Execution]
) -> None:
    done = run("SELECT ? + 1 AS n, ? AS s", ExecutionParameters=["41", "'it''s'"])
    assert done["ExecutionParameters"] == ["41", "'it''s'"]
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "42"}, {"VarCharValue": "it's"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'abc'", "abc"),
        ("abc", "abc"),
        ("abc def", "abc def"),
        ("it's", "it's"),
        ("x + 1", "x + 1"),
        ("1 + 1", "2"),
        ("DATE '2020-01-01'", "2020-01-01"),
        ("123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    ],
)
def test_a_parameter_that_is_no_value_is_text(
    athena: Any, run: Callable[..., Execution], text: str, value: str
) -> None:
    done = run("SELECT ? AS v", ExecutionParameters=[text])
    assert done["Status"]["State"] == "SUCCEEDED", done["Status"]
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": value}]


def test_the_number_of_parameters_must_fit(run: Callable[..., Execution]) -> None:
    done = run("SELECT ?, ?", ExecutionParameters=["1"])
    assert done["Status"]["StateChangeReason"] == (
        "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"
    )
    assert run("SELECT 1", ExecutionParameters=["1"])["Status"]["State"] == "SUCCEEDED"


def test_the_context_is_told_again(run: Callable[..., Execution]) -> None:
    context = {"Catalog": "AwsDataCatalog", "Database": "Sales"}
    done = run("SELECT 1", QueryExecutionContext=context)
    assert done["QueryExecutionContext"] == {"Catalog": "awsdatacatalog", "Database": "Sales"}


# ---- statements that are no queries


@pytest.fixture(scope="module")
def sales(s3: Any, run: Callable[..., Execution]) -> dict[str, Any]:
    """A database with a table of 12 MB; returns what puts a query into it."""
    run("CREATE DATABASE sales")
    s3.put_object(Bucket="results", Key="sales/data.csv", Body=b"1,abcdefgh\n" * 1_100_000)
    done = run(
        "CREATE EXTERNAL TABLE sales.orders (id int, name string) ROW FORMAT DELIMITED "
        "FIELDS TERMINATED BY ',' LOCATION 's3://results/sales/'"
    )
    assert done["Status"]["State"] == "SUCCEEDED", done["Status"]
    return {"QueryExecutionContext": {"Database": "sales"}}


def test_ddl_answers_with_an_empty_text(
    athena: Any, s3: Any, run: Callable[..., Execution]
) -> None:
    done = run("CREATE DATABASE made")
    assert (done["StatementType"], done["SubstatementType"]) == ("DDL", "CREATE_DATABASE")
    output = done["ResultConfiguration"]["OutputLocation"]
    assert output.endswith(f"{done['QueryExecutionId']}.txt")
    assert body(s3, output) == b""
    answer = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])
    assert answer["ResultSet"]["Rows"] == [] and "UpdateCount" not in answer


def test_failed_ddl_leaves_its_reason(s3: Any, run: Callable[..., Execution]) -> None:
    done = run("CREATE DATABASE made")
    status = done["Status"]
    assert status["State"] == "FAILED" and status["StateChangeReason"].startswith("FAILED: ")
    assert (
        body(s3, done["ResultConfiguration"]["OutputLocation"]).decode()
        == (status["StateChangeReason"])
    )


def test_utility_statements_answer_with_lines(
    athena: Any, s3: Any, run: Callable[..., Execution], sales: dict[str, Any]
) -> None:
    done = run("SHOW TABLES", **sales)
    assert (done["StatementType"], done["SubstatementType"]) == ("UTILITY", "SHOW_TABLES")
    assert body(s3, done["ResultConfiguration"]["OutputLocation"]) == b"orders"
    answer = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])
    assert answer["ResultSet"]["Rows"] == [{"Data": [{"VarCharValue": "orders"}]}]
    [column] = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (column["Name"], column["Type"], column["CaseSensitive"]) == (
        "tab_name",
        "string",
        False,
    )


def test_a_backticked_database_is_the_database(run: Callable[..., Execution]) -> None:
    done = run("DESCRIBE `orders`", QueryExecutionContext={"Database": "`sales`"})
    assert done["Status"]["State"] == "SUCCEEDED"


def test_what_is_not_there_is_not_described(athena: Any, sales: dict[str, Any]) -> None:
    code, reason, message = refused(lambda: start(athena, "DESCRIBE absent", **sales))
    assert (code, reason) == ("InvalidRequestException", "INVALID_INPUT")
    assert message.startswith("Entity Not Found (Service: AmazonDataCatalog; Status Code: 400;")


def test_a_table_needs_a_location(athena: Any) -> None:
    assert refused(lambda: start(athena, "CREATE EXTERNAL TABLE t (n int)"))[1:] == (
        "MALFORMED_QUERY",
        "No location was specified for table. An S3 location must be specified",
    )


def test_statements_that_write_name_their_files(
    athena: Any, s3: Any, run: Callable[..., Execution], sales: dict[str, Any]
) -> None:
    done = run("CREATE TABLE one WITH (format = 'PARQUET') AS SELECT 1 AS n", **sales)
    id_ = done["QueryExecutionId"]
    assert (done["StatementType"], done["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert done["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}/tables/{id_}"
    manifest = done["Statistics"]["DataManifestLocation"]
    assert manifest == f"{OUTPUT}/tables/{id_}-manifest.csv"
    [uri] = body(s3, manifest).decode().splitlines()
    assert uri.startswith(f"{OUTPUT}/tables/{id_}/") and body(s3, uri)[:4] == b"PAR1"
    assert b"CREATE TABLE" in body(s3, f"{OUTPUT}/tables/{id_}.metadata")
    answer = athena.get_query_results(QueryExecutionId=id_)
    assert (answer["UpdateCount"], answer["ResultSet"]["Rows"]) == (1, [])
    done = run("INSERT INTO one VALUES 2, 3", **sales)
    assert done["ResultConfiguration"]["OutputLocation"] == f"{OUTPUT}/{done['QueryExecutionId']}"
    answer = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])
    assert answer["UpdateCount"] == 2


def test_explain_is_a_text_with_a_title(
    athena: Any, run: Callable[..., Execution], sales: dict[str, Any]
) -> None:
    done = run("EXPLAIN SELECT * FROM orders", **sales)
    assert (done["StatementType"], done["SubstatementType"]) == ("DML", "EXPLAIN")
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[0] == {"Data": [{"VarCharValue": "Query Plan"}]}
    assert rows[-1] == {"Data": [{"VarCharValue": ""}]}
    done = run("EXPLAIN (TYPE VALIDATE) SELECT 1")
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert [row["Data"][0]["VarCharValue"] for row in rows] == ["Valid", "true", ""]


def test_a_work_group_can_limit_the_bytes_scanned(
    cloud: Any, athena: Any, run: Callable[..., Execution], sales: dict[str, Any]
) -> None:
    low = {"Name": "bounded", "Configuration": {"BytesScannedCutoffPerQuery": 9_999_999}}
    assert post(cloud, "CreateWorkGroup", low)["message"] == (
        "1 validation error detected: Value at 'configuration.bytesScannedCutoffPerQuery' failed "
        "to satisfy constraint: Member must have value greater than or equal to 10000000"
    )
    athena.create_work_group(
        Name="bounded", Configuration={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    done = run("SELECT count(*) FROM orders", WorkGroup="bounded", **sales)
    assert done["Status"]["State"] == "CANCELLED"
    assert done["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    done = run("SELECT count(*) FROM orders", **sales)
    assert done["Statistics"]["DataScannedInBytes"] == 11 * 1_100_000


def test_queries_are_billed_by_the_bytes_scanned(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    athena, s3 = session.client("athena"), session.client("s3")
    s3.create_bucket(Bucket="results")
    for sql in ("SELECT 1", "CREATE DATABASE d", "SELECT 1 / 0", "SHOW DATABASES"):
        finish(athena, start(athena, sql))
    lines = labcloud_server.running.control("bill")["lines"]
    [line] = [line for line in lines if line["unit"] == "TB-scanned"]
    assert (line["count"], line["quantity"]) == (1, 10 / 1024**2)


# ---- watching, listing, stopping


LONG = "SELECT count(*) FROM UNNEST(sequence(1, 9000)) a (x), UNNEST(sequence(1, 9000)) b (y), UNNEST(sequence(1, 9000)) c (z) WHERE x * y + z = 7"  # noqa: E501


def test_a_running_query_can_be_stopped(athena: Any) -> None:
    id_ = start(athena, LONG)
    refusal = refused(lambda: athena.get_query_results(QueryExecutionId=id_))
    assert refusal[1] == "INVALID_QUERY_EXECUTION_STATE"
    assert refusal[2].startswith("Query has not yet finished. Current state: ")
    athena.stop_query_execution(QueryExecutionId=id_)
    status = finish(athena, id_)["Status"]
    assert (status["State"], status["StateChangeReason"]) == (
        "CANCELLED",
        "Query cancelled by user",
    )
    assert refused(lambda: athena.get_query_results(QueryExecutionId=id_)) == (
        "InvalidRequestException",
        "RESULT_NOT_FOUND",
        "Could not find results",
    )
    athena.stop_query_execution(QueryExecutionId=id_)


def test_executions_are_listed_newest_first(athena: Any, run: Callable[..., Execution]) -> None:
    athena.create_work_group(Name="listed")
    ids = [run("SELECT 1", WorkGroup="listed")["QueryExecutionId"] for _ in range(5)]
    assert athena.list_query_executions(WorkGroup="listed")["QueryExecutionIds"] == ids[::-1]
    first = athena.list_query_executions(WorkGroup="listed", MaxResults=3)
    rest = athena.list_query_executions(
        WorkGroup="listed", MaxResults=3, NextToken=first["NextToken"]
    )
    assert first["QueryExecutionIds"] + rest["QueryExecutionIds"] == ids[::-1]
    assert "NextToken" not in rest


def test_several_executions_at_once(athena: Any, run: Callable[..., Execution]) -> None:
    id_ = run("SELECT 1")["QueryExecutionId"]
    answer = athena.batch_get_query_execution(QueryExecutionIds=[id_, "absent"])
    assert [one["QueryExecutionId"] for one in answer["QueryExecutions"]] == [id_]
    assert answer["UnprocessedQueryExecutionIds"][0]["QueryExecutionId"] == "absent"


def test_runtime_statistics_tell_of_rows(athena: Any, run: Callable[..., Execution]) -> None:
    id_ = run("SELECT n FROM UNNEST(sequence(1, 7)) AS t (n)")["QueryExecutionId"]
    found = athena.get_query_runtime_statistics(QueryExecutionId=id_)["QueryRuntimeStatistics"]
    assert found["Rows"]["OutputRows"] == 7
    assert found["Timeline"]["TotalExecutionTimeInMillis"] >= 0


# ---- reuse


def test_a_result_is_reused_only_if_asked(athena: Any, run: Callable[..., Execution]) -> None:
    sql = "SELECT 'reused' AS x"
    reuse = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}
    first = run(sql)
    second = run(sql, ResultReuseConfiguration=reuse)
    assert second["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert second["ResultConfiguration"] == first["ResultConfiguration"]
    rows = athena.get_query_results(QueryExecutionId=second["QueryExecutionId"])["ResultSet"]
    assert rows["Rows"][1]["Data"] == [{"VarCharValue": "reused"}]
    plain = run(sql)
    assert plain["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    other = run(sql + " ", ResultReuseConfiguration=reuse, WorkGroup="primary")
    assert other["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    none = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}
    stale = run(sql, ResultReuseConfiguration=none)
    assert stale["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": False}


# ---- work groups


def test_a_work_group_can_enforce_its_settings(athena: Any, run: Callable[..., Execution]) -> None:
    athena.create_work_group(
        Name="enforcing",
        Configuration={
            "ResultConfiguration": {
                "OutputLocation": "s3://results/enforced",
                "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            }
        },
    )
    done = run("SELECT 1", WorkGroup="enforcing")
    assert done["ResultConfiguration"] == {
        "OutputLocation": f"s3://results/enforced/{done['QueryExecutionId']}.csv",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }
    updates = {"EnforceWorkGroupConfiguration": False}
    athena.update_work_group(WorkGroup="enforcing", ConfigurationUpdates=updates)
    done = run("SELECT 1", WorkGroup="enforcing")
    assert done["ResultConfiguration"]["OutputLocation"].startswith(OUTPUT)


def test_results_are_encrypted_as_asked(s3: Any, run: Callable[..., Execution]) -> None:
    encryption = {"EncryptionOption": "SSE_S3"}
    configuration = {
        "OutputLocation": OUTPUT,
        "EncryptionConfiguration": encryption,
        "ExpectedBucketOwner": "123456789012",
        "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
    }
    done = run("SELECT 1", ResultConfiguration=configuration)
    key = f"queries/{done['QueryExecutionId']}.csv"
    assert s3.head_object(Bucket="results", Key=key)["ServerSideEncryption"] == "AES256"


def test_work_groups_live_their_lives(athena: Any) -> None:
    athena.create_work_group(Name="lives", Description="first", Tags=[{"Key": "a", "Value": "1"}])
    assert refused(lambda: athena.create_work_group(Name="lives"))[2] == (
        "WorkGroup lives is already created"
    )
    found = athena.get_work_group(WorkGroup="lives")["WorkGroup"]
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is True
    assert found["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == (
        "Athena engine version 3"
    )
    athena.update_work_group(
        WorkGroup="lives",
        State="DISABLED",
        ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000},
    )
    assert refused(lambda: start(athena, "SELECT 1", WorkGroup="lives"))[2] == (
        "WorkGroup lives is disabled."
    )
    names = [group["Name"] for group in athena.list_work_groups()["WorkGroups"]]
    assert names == sorted(names) and "lives" in names
    athena.delete_work_group(WorkGroup="lives")
    assert refused(lambda: athena.get_work_group(WorkGroup="lives")) == (
        "InvalidRequestException",
        "INVALID_INPUT",
        "WorkGroup is not found.",
    )
    assert "primary" in refused(lambda: athena.delete_work_group(WorkGroup="primary"))[2]


def test_a_work_group_with_queries_is_deleted_recursively(
    athena: Any, run: Callable[..., Execution]
) -> None:
    athena.create_work_group(Name="full")
    id_ = run("SELECT 1", WorkGroup="full")["QueryExecutionId"]
    assert refused(lambda: athena.delete_work_group(WorkGroup="full"))[2] == (
        "WorkGroup full is not empty"
    )
    athena.delete_work_group(WorkGroup="full", RecursiveDeleteOption=True)
    refusal = refused(lambda: athena.get_query_execution(QueryExecutionId=id_))
    assert refusal[1] == "QUERY_EXECUTION_NOT_FOUND"


def test_athena_can_manage_results(athena: Any, s3: Any, run: Callable[..., Execution]) -> None:
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    athena.create_work_group(Name="managed", Configuration=managed)
    request = {"QueryString": "SELECT 5 AS x", "WorkGroup": "managed"}
    done = finish(athena, athena.start_query_execution(**request)["QueryExecutionId"])
    assert done["ManagedQueryResultsConfiguration"] == {"Enabled": True}
    assert "OutputLocation" not in done["ResultConfiguration"]
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "5"}]


# ---- saved queries


def test_named_queries(athena: Any) -> None:
    token = uuid.uuid4().hex
    saved = {"Name": "top", "Database": "db", "QueryString": "SELECT 1", "Description": "d"}
    id_ = athena.create_named_query(**saved, ClientRequestToken=token)["NamedQueryId"]
    assert athena.create_named_query(**saved, ClientRequestToken=token)["NamedQueryId"] == id_
    found = athena.get_named_query(NamedQueryId=id_)["NamedQuery"]
    assert found == {**saved, "NamedQueryId": id_, "WorkGroup": "primary"}
    athena.update_named_query(NamedQueryId=id_, Name="more", QueryString="SELECT 2")
    batch = athena.batch_get_named_query(NamedQueryIds=[id_, "absent"])
    assert [one["Name"] for one in batch["NamedQueries"]] == ["more"]
    assert [one["NamedQueryId"] for one in batch["UnprocessedNamedQueryIds"]] == ["absent"]
    assert id_ in athena.list_named_queries()["NamedQueryIds"]
    athena.delete_named_query(NamedQueryId=id_)
    assert refused(lambda: athena.get_named_query(NamedQueryId=id_))[0] == (
        "InvalidRequestException"
    )


def test_prepared_statements(athena: Any, run: Callable[..., Execution]) -> None:
    named = {"StatementName": "plus", "WorkGroup": "primary"}
    athena.create_prepared_statement(**named, QueryStatement="SELECT ? + 1 AS n")
    done = run("EXECUTE plus USING 2")
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "3"}]
    done = run("EXECUTE plus", ExecutionParameters=["9"])
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "10"}]
    athena.update_prepared_statement(**named, QueryStatement="SELECT ? + 2 AS n")
    text = athena.get_prepared_statement(**named)["PreparedStatement"]["QueryStatement"]
    assert text == "SELECT ? + 2 AS n"
    athena.delete_prepared_statement(**named)
    assert refused(lambda: athena.get_prepared_statement(**named)) == (
        "ResourceNotFoundException",
        "",
        "PreparedStatement plus was not found in workGroup primary",
    )


def test_prepare_and_deallocate_are_statements(athena: Any, run: Callable[..., Execution]) -> None:
    assert run("PREPARE twice FROM SELECT 2 * ?")["Status"]["State"] == "SUCCEEDED"
    listed = athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]
    assert [one["StatementName"] for one in listed] == ["twice"]
    assert run("EXECUTE twice USING 4")["Status"]["State"] == "SUCCEEDED"
    assert run("DEALLOCATE PREPARE twice")["Status"]["State"] == "SUCCEEDED"
    status = run("EXECUTE twice USING 4")["Status"]
    assert status["StateChangeReason"] == "NOT_FOUND: Prepared statement not found: twice"


# ---- catalogs, tags, capacity, and what has no engine


def test_data_catalogs(athena: Any) -> None:
    own = athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]
    assert (own["Type"], own["Parameters"]) == ("GLUE", {"catalog-id": "123456789012"})
    parameters = {"function": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    athena.create_data_catalog(Name="fn", Type="LAMBDA", Parameters=parameters)
    assert refused(lambda: athena.create_data_catalog(Name="x", Type="LAMBDA"))[0] == (
        "InvalidRequestException"
    )
    listed = athena.list_data_catalogs()["DataCatalogsSummary"]
    assert [one["CatalogName"] for one in listed] == ["AwsDataCatalog", "fn"]
    athena.delete_data_catalog(Name="fn")
    assert refused(lambda: athena.get_data_catalog(Name="fn"))[1] == "DATACATALOG_NOT_FOUND"


def test_databases_and_tables_are_glues(aws: boto3.Session, athena: Any) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "shop", "Description": "d"})
    for name in ("orders", "order_lines", "stock"):
        storage = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://results/x/"}
        glue.create_table(
            DatabaseName="shop",
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": storage,
                "PartitionKeys": [{"Name": "day", "Type": "date", "Comment": "c"}],
            },
        )
    where = {"CatalogName": "AwsDataCatalog"}
    assert athena.get_database(**where, DatabaseName="shop")["Database"]["Description"] == "d"
    names = [one["Name"] for one in athena.list_databases(**where)["DatabaseList"]]
    assert "shop" in names
    listed = athena.list_table_metadata(**where, DatabaseName="shop", Expression="order.*")
    assert [one["Name"] for one in listed["TableMetadataList"]] == ["order_lines", "orders"]
    page = athena.list_table_metadata(**where, DatabaseName="shop", MaxResults=2)
    assert len(page["TableMetadataList"]) == 2 and "NextToken" in page
    table = athena.get_table_metadata(**where, DatabaseName="shop", TableName="stock")
    found = table["TableMetadata"]
    assert found["Columns"] == [{"Name": "id", "Type": "int"}]
    assert found["PartitionKeys"] == [{"Name": "day", "Type": "date", "Comment": "c"}]
    assert found["Parameters"]["location"] == "s3://results/x/"
    refusal = refused(
        lambda: athena.get_table_metadata(**where, DatabaseName="shop", TableName="absent")
    )
    assert refusal[0] == "MetadataException" and "EntityNotFoundException" in refusal[2]


def test_tags(athena: Any) -> None:
    athena.create_work_group(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])
    arn = {"ResourceARN": "arn:aws:athena:us-east-1:123456789012:workgroup/tagged"}
    athena.tag_resource(**arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
    athena.untag_resource(**arn, TagKeys=["b"])
    assert athena.list_tags_for_resource(**arn)["Tags"] == [{"Key": "a", "Value": "2"}]
    gone = {"ResourceARN": "arn:aws:athena:us-east-1:123456789012:workgroup/absent"}
    assert refused(lambda: athena.list_tags_for_resource(**gone))[0] == (
        "ResourceNotFoundException"
    )


def test_capacity_is_kept(athena: Any) -> None:
    athena.create_capacity_reservation(Name="reserved", TargetDpus=4)
    found = athena.get_capacity_reservation(Name="reserved")["CapacityReservation"]
    assert (found["Status"], found["AllocatedDpus"]) == ("ACTIVE", 4)
    athena.put_capacity_assignment_configuration(
        CapacityReservationName="reserved", CapacityAssignments=[{"WorkGroupNames": ["primary"]}]
    )
    assert refused(lambda: athena.delete_capacity_reservation(Name="reserved"))[0] == (
        "InvalidRequestException"
    )
    athena.cancel_capacity_reservation(Name="reserved")
    athena.delete_capacity_reservation(Name="reserved")
    assert athena.list_capacity_reservations()["CapacityReservations"] == []


def test_spark_is_refused_honestly(athena: Any) -> None:
    refusal = refused(lambda: athena.list_sessions(WorkGroup="primary"))
    assert refusal[0] == "NotImplementedByLabcloud" and "Spark" in refusal[2]


def test_engine_versions(athena: Any) -> None:
    versions = athena.list_engine_versions()["EngineVersions"]
    assert {one["EffectiveEngineVersion"] for one in versions} == {"Athena engine version 3"}


# ---- durability and the clock


def test_state_survives_a_kill(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    athena, s3 = session.client("athena"), session.client("s3")
    s3.create_bucket(Bucket="results")
    athena.create_work_group(Name="kept", Description="d")
    done = finish(athena, start(athena, "SELECT 1 AS x", WorkGroup="kept"))
    running = start(athena, LONG)
    labcloud_server.kill()
    labcloud_server.restart()
    assert athena.get_work_group(WorkGroup="kept")["WorkGroup"]["Description"] == "d"
    again = athena.get_query_execution(QueryExecutionId=done["QueryExecutionId"])
    assert again["QueryExecution"]["Status"] == done["Status"]
    rows = athena.get_query_results(QueryExecutionId=done["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"] == [{"VarCharValue": "1"}]
    lost = finish(athena, running)["Status"]
    assert lost["State"] == "FAILED" and lost["AthenaError"]["Retryable"] is True


def test_a_query_times_out_by_the_cloud_clock(labcloud_server: Any) -> None:
    session = labcloud_server.session()
    session.client("s3").create_bucket(Bucket="results")
    athena = session.client("athena")
    id_ = start(athena, LONG)
    while (
        athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"]
        != "RUNNING"
    ):
        time.sleep(0.01)
    labcloud_server.running.control("clock", advance="31m")
    status = finish(athena, id_)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("FAILED", "Query timeout")
