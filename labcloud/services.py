"""Which AWS services the course knows, and how a request says which one it is for."""

from __future__ import annotations

from functools import cache

from moto.core.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model

BY_SIGNING_NAME: dict[str, tuple[str, ...]] = {
    "s3": ("s3", "s3control"),
    "s3tables": ("s3tables",),
    "s3vectors": ("s3vectors",),
    "glacier": ("glacier",),
    "sts": ("sts",),
    "iam": ("iam",),
    "kms": ("kms",),
    "secretsmanager": ("secretsmanager",),
    "glue": ("glue",),
    "athena": ("athena",),
    "lakeformation": ("lakeformation",),
    "entityresolution": ("entityresolution",),
    "databrew": ("databrew",),
    "quicksight": ("quicksight",),
    "kinesis": ("kinesis",),
    "firehose": ("firehose",),
    "kinesisanalytics": ("kinesisanalyticsv2", "kinesisanalytics"),
    "kinesisvideo": (
        "kinesisvideo",
        "kinesis-video-media",
        "kinesis-video-archived-media",
    ),
    "rekognition": ("rekognition",),
    "lambda": ("lambda",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ses": ("ses", "sesv2"),
    "elasticmapreduce": ("emr",),
    "emr-serverless": ("emr-serverless",),
    "emr-containers": ("emr-containers",),
    "sagemaker": (
        "sagemaker",
        "sagemaker-runtime",
        "sagemaker-metrics",
        "sagemaker-featurestore-runtime",
    ),
    "machinelearning": ("machinelearning",),
    "ec2": ("ec2",),
    "autoscaling": ("autoscaling",),
    "servicequotas": ("service-quotas",),
    "ssm": ("ssm",),
    "pricing": ("pricing",),
    "budgets": ("budgets",),
    "logs": ("logs",),
    "monitoring": ("cloudwatch",),
    "events": ("events",),
    "scheduler": ("scheduler",),
    "states": ("stepfunctions",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "cloudformation": ("cloudformation",),
    "tagging": ("resourcegroupstaggingapi",),
    "redshift-data": ("redshift-data",),
    "ecr": ("ecr",),
}
"""The name in a signature's scope → botocore's services that sign with it (botocore's models)."""

SERVICES: tuple[str, ...] = tuple(name for names in BY_SIGNING_NAME.values() for name in names)


@cache
def operations(service: str) -> tuple[str, ...]:
    """Return AWS's operation names of a service, sorted, from botocore's model."""
    return tuple(sorted(get_service_model(service).operation_names))


@cache
def service_of_target(prefix: str) -> str | None:
    """Return the service whose JSON requests carry `X-Amz-Target: <prefix>.<operation>`."""
    for service in SERVICES:
        if get_service_model(service).metadata.get("targetPrefix") == prefix:
            return service
    return None


@cache
def service_of_version(version: str, action: str) -> str | None:
    """Return the Query service of this API version that has this action."""
    for service in SERVICES:
        model = get_service_model(service)
        if model.api_version == version and action in model.operation_names:
            return service
    return None


def model_of(service: str) -> ServiceModel:
    """Return botocore's model of a service (as moto wraps it)."""
    return get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's model of one operation."""
    found: OperationModel = get_service_model(service).operation_model(operation)
    return found
