"""One cloud, seven ways to speak to it: each protocol carries answers and errors in AWS's shape."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import cbor2
import pytest
from botocore.exceptions import ClientError

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, {}"
REST = "SignedHeaders=host, Signature=0"


def authorization(service: str) -> str:
    return SCOPE.format(service, REST)


def post(
    cloud: Any, service: str, body: bytes, headers: dict[str, str], path: str = "/"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.running.port, timeout=30)
    headers = {"Authorization": authorization(service), **headers}
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, {k.lower(): v for k, v in response.getheaders()}, data


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_json_services_keep_what_they_are_told(aws: boto3.Session) -> None:
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "lake", "Description": "flights"})
    assert glue.get_database(Name="lake")["Database"]["Description"] == "flights"
    with pytest.raises(ClientError) as error:
        glue.get_database(Name="sea")
    assert code_of(error) == "EntityNotFoundException"


def test_query_services(aws: boto3.Session) -> None:
    sns = aws.client("sns")
    arn = sns.create_topic(Name="alarms")["TopicArn"]
    assert arn in [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
    with pytest.raises(ClientError) as error:
        sns.get_topic_attributes(TopicArn=arn + "x")
    assert code_of(error).startswith("NotFound")


def test_ec2_query(aws: boto3.Session) -> None:
    ec2 = aws.client("ec2")
    group = ec2.create_security_group(GroupName="lab", Description="a lab's")["GroupId"]
    found = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert found[0]["GroupName"] == "lab"
    with pytest.raises(ClientError) as error:
        ec2.describe_vpcs(VpcIds=["vpc-0"])
    assert code_of(error) == "InvalidVpcID.NotFound"


def test_rest_json(aws: boto3.Session) -> None:
    with pytest.raises(ClientError) as error:
        aws.client("lambda").get_function(FunctionName="nobody")
    assert code_of(error) == "ResourceNotFoundException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_rest_xml(aws: boto3.Session) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="protocol-lake")
    s3.put_bucket_tagging(
        Bucket="protocol-lake", Tagging={"TagSet": [{"Key": "lab", "Value": "01"}]}
    )
    assert s3.get_bucket_tagging(Bucket="protocol-lake")["TagSet"][0]["Value"] == "01"
    with pytest.raises(ClientError) as error:
        s3.list_objects_v2(Bucket="protocol-sea")
    assert code_of(error) == "NoSuchBucket"


def test_boto3_speaks_cbor_to_cloudwatch(aws: boto3.Session) -> None:
    """botocore takes Smithy RPC v2 CBOR where a service offers it."""
    cloudwatch = aws.client("cloudwatch")
    assert cloudwatch.meta.service_model.protocol == "smithy-rpc-v2-cbor"
    now = datetime.now(UTC)
    cloudwatch.put_metric_data(
        Namespace="lab", MetricData=[{"MetricName": "delay", "Value": 4.5, "Timestamp": now}]
    )
    assert cloudwatch.list_metrics(Namespace="lab")["Metrics"][0]["MetricName"] == "delay"
    with pytest.raises(ClientError) as error:
        cloudwatch.get_dashboard(DashboardName="none")
    assert "ResourceNotFound" in code_of(error)


def kinesis(cloud: Any, operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
    """Call as the Java SDKs, hence Flink and the Kinesis Client Library, do."""
    headers = {
        "Content-Type": "application/x-amz-cbor-1.1",
        "X-Amz-Target": f"Kinesis_20131202.{operation}",
    }
    status, answered, body = post(cloud, "kinesis", cbor2.dumps(asked), headers)
    assert answered["content-type"] == "application/x-amz-cbor-1.1"
    # The Java SDKs tag milliseconds as if they were seconds; read them as plain numbers.
    plain = {1: lambda milliseconds, immutable: milliseconds}
    return status, cbor2.loads(body, semantic_decoders=plain) if body else {}


def test_the_java_sdks_speak_cbor_to_kinesis(cloud: Any) -> None:
    status, _ = kinesis(cloud, "CreateStream", {"StreamName": "flights", "ShardCount": 1})
    assert status == 200
    _, described = kinesis(cloud, "DescribeStream", {"StreamName": "flights"})
    created = described["StreamDescription"]["StreamCreationTimestamp"]
    assert abs(created / 1000 - datetime.now(UTC).timestamp()) < 60
    asked = {"StreamName": "flights", "PartitionKey": "JFK", "Data": b"\x00\xff not text"}
    _, put = kinesis(cloud, "PutRecord", asked)
    shard = {"StreamName": "flights", "ShardId": put["ShardId"]}
    _, start = kinesis(cloud, "GetShardIterator", {**shard, "ShardIteratorType": "TRIM_HORIZON"})
    _, got = kinesis(cloud, "GetRecords", {"ShardIterator": start["ShardIterator"]})
    assert got["Records"][0]["Data"] == b"\x00\xff not text"
    since = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": cbor2.CBORTag(1, created)}
    status, start = kinesis(cloud, "GetShardIterator", {**shard, **since})
    assert status == 200, start


def test_errors_in_cbor_name_their_type(cloud: Any) -> None:
    status, error = kinesis(cloud, "DescribeStream", {"StreamName": "nobody"})
    assert status == 400
    assert error["__type"] == "ResourceNotFoundException"


def test_an_absent_operation_says_so_and_what_to_use(aws: boto3.Session) -> None:
    with pytest.raises(ClientError) as error:
        aws.client("athena").start_calculation_execution(SessionId="s" * 36)
    assert code_of(error) == "NotImplementedByLabcloud"
    message = error.value.response["Error"]["Message"]
    assert "athena:StartCalculationExecution" in message
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_amazon_machine_learning_refuses_and_names_its_successor(aws: boto3.Session) -> None:
    with pytest.raises(ClientError, match="SageMaker AI"):
        aws.client("machinelearning").describe_ml_models()


@pytest.mark.parametrize(
    ("target", "who", "member"),
    [
        ("AWSGlue.GetDatabases", "executed", "DatabaseList"),
        ("AWSGlue.GetTriggers", "kept", "Triggers"),
    ],
)
def test_answers_say_who_gave_them(cloud: Any, target: str, who: str, member: str) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    status, answered, body = post(cloud, "glue", b"{}", headers)
    assert (status, answered["x-labcloud-answer"]) == (200, who)
    assert member in json.loads(body)
