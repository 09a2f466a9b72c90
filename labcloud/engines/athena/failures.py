"""Why a query failed, as GetQueryExecution tells it: reason, category, type, whether to retry.

Source: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html; the numbers of single
error names as measured on the service by others, see errors.py.
"""

from __future__ import annotations

from typing import Any

from labcloud.engines.athena.job import Failure

SYSTEM, USER = 1, 2

_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "HIVE_BAD_DATA": 1001,
    "TYPE_MISMATCH": 1002,
    "COLUMN_NOT_FOUND": 1006,
    "SYNTAX_ERROR": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}

_SYSTEM_TYPES = {
    "GENERIC_INTERNAL_ERROR": 200,
    "EXCEEDED_LOCAL_MEMORY_LIMIT": 1,
    "EXCEEDED_TIME_LIMIT": 206,
    "INTERNAL_ERROR_QUERY_ENGINE": 100,
    "RESULT_WRITE": 401,
}

_HIVE = {
    "ParseException": (SYSTEM, 1003),
    "SemanticException [Error 10001]": (USER, 1301),
    "SemanticException [Error 10072]": (USER, 1301),
}
"""How the message of a failed Hive statement begins; any other is (USER, 1100)."""

_RETRYABLE = ("INTERNAL_ERROR_QUERY_ENGINE", "RESULT_WRITE", "EXCEEDED_TIME_LIMIT")

_BARE = (
    "EXCEEDED_SCAN_LIMIT",
    "EXCEEDED_LOCAL_MEMORY_LIMIT",
    "EXCEEDED_TIME_LIMIT",
    "RESULT_WRITE",
)
"""Athena's own sentences, which carry no name."""

EXHAUSTED = Failure("EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exhausted resources at this scale factor")
TIMED_OUT = Failure("EXCEEDED_TIME_LIMIT", "Query timeout")
CRASHED = Failure("GENERIC_INTERNAL_ERROR", "The query engine stopped unexpectedly")
INTERRUPTED = Failure(
    "INTERNAL_ERROR_QUERY_ENGINE", "The query was interrupted; please run it again"
)


def reason_of(failure: Failure) -> str:
    """Return StateChangeReason: the error's name and its message."""
    return failure.message if failure.name in _BARE else f"{failure.name}: {failure.message}"


def athena_error(failure: Failure) -> dict[str, Any]:
    """Return Status.AthenaError."""
    category, kind = _category(failure)
    return {
        "ErrorCategory": category,
        "ErrorType": kind,
        "Retryable": failure.name in _RETRYABLE,
        "ErrorMessage": reason_of(failure),
    }


def _category(failure: Failure) -> tuple[int, int]:
    name = failure.name
    if name == "FAILED":
        found = (kind for start, kind in _HIVE.items() if failure.message.startswith(start))
        return next(found, (USER, 1100))
    if name in _SYSTEM_TYPES:
        return SYSTEM, _SYSTEM_TYPES[name]
    return USER, _TYPES.get(name, 1000)
