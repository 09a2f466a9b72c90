"""Resource policies: does a statement speak of this caller, action, resource and request?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

Judged: Effect, (Not)Principal, (Not)Action, (Not)Resource, and Condition with the string, numeric,
date, boolean, IP address, ARN and Null operators, `IfExists` and `ForAllValues`/`ForAnyValue`.
A condition on a key that is not in the request's context is decided as AWS decides it: it does
not match, but for `IfExists`, `Null` and the negated operators. Policy variables stay as written.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Values = Mapping[str, str | list[str]]


@dataclass(slots=True)
class Asked:
    """What a policy is asked: who wants to do what to which resource, under which circumstances.

    `principal` is an account id, a service's name, or "" for an anonymous caller. `context` has
    condition keys in lower case.
    """

    principal: str
    action: str
    resource: str
    context: Values = field(default_factory=dict)


def decide(policy: str | bytes, asked: Asked) -> str | None:
    """Return "Deny", "Allow", or None where no statement of the policy speaks of what is asked."""
    decision = None
    for statement in statements(policy):
        if applies(statement, asked):
            if statement.get("Effect") == "Deny":
                return "Deny"
            decision = "Allow"
    return decision


@lru_cache(maxsize=64)
def _parsed(policy: str | bytes) -> list[dict[str, Any]]:
    document = json.loads(policy)
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def statements(policy: str | bytes) -> list[dict[str, Any]]:
    """Return a policy's statements. Raises ValueError for what is not JSON."""
    return _parsed(policy)


def applies(statement: Mapping[str, Any], asked: Asked) -> bool:
    """Tell whether a statement speaks of what is asked."""
    return (
        _is_principal(statement, asked.principal)
        and _names(statement, "Action", asked.action, ignore_case=True)
        and _names(statement, "Resource", asked.resource)
        and _meets(statement.get("Condition") or {}, asked.context)
    )


def is_public(policy: str | bytes) -> bool:
    """Tell whether a policy gives anything to everybody, as Block Public Access sees it.

    A statement is not public where a condition fixes who calls or from where.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    return any(
        statement.get("Effect") == "Allow"
        and _is_everybody(statement.get("Principal"))
        and not _is_fixed(statement.get("Condition") or {})
        for statement in statements(policy)
    )


_FIXING = {
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn",
    "aws:userid", "aws:sourceip", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}  # fmt: skip


def _is_fixed(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(
        key.lower() in _FIXING and not any("*" in str(value) for value in _list(values))
        for operator, pairs in condition.items()
        if "Not" not in operator and operator != "Null"
        for key, values in pairs.items()
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_everybody(principal: Any) -> bool:
    return principal == "*" or (
        isinstance(principal, dict) and "*" in _list(principal.get("AWS", []))
    )


def _is_principal(statement: Mapping[str, Any], caller: str) -> bool:
    if "NotPrincipal" in statement:
        return not _is_among(statement["NotPrincipal"], caller)
    return _is_among(statement.get("Principal"), caller)


def _is_among(principal: Any, caller: str) -> bool:
    if _is_everybody(principal):
        return True
    if not isinstance(principal, dict) or not caller:
        return False
    if "." in caller:
        return caller in _list(principal.get("Service", []))
    return any(
        name == caller or str(name).startswith(f"arn:aws:iam::{caller}:")
        for name in _list(principal.get("AWS", []))
    )


def _names(
    statement: Mapping[str, Any], element: str, asked: str, *, ignore_case: bool = False
) -> bool:
    if f"Not{element}" in statement:
        patterns = _list(statement[f"Not{element}"])
        return not any(like(asked, pattern, ignore_case) for pattern in patterns)
    patterns = _list(statement.get(element, []))
    return any(like(asked, pattern, ignore_case) for pattern in patterns)


@lru_cache(maxsize=512)
def _pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """Tell whether a text matches a pattern with `*` and `?`."""
    return _pattern(str(pattern), ignore_case).fullmatch(text) is not None


def _meets(condition: Mapping[str, Mapping[str, Any]], context: Values) -> bool:
    return all(
        _holds(operator, context.get(key.lower()), [_text(value) for value in _list(wanted)])
        for operator, pairs in condition.items()
        for key, wanted in pairs.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(operator: str, found: str | list[str] | None, wanted: list[str]) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return (found is None) == (wanted[0] == "true")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    test = _TESTS.get(name.replace("Not", ""))
    if test is None:
        return False
    if found is None:
        return if_exists or negated or quantifier == "ForAllValues"
    values = found if isinstance(found, list) else [found]
    results = [any(test(value, one) for one in wanted) != negated for value in values]
    return all(results) if quantifier == "ForAllValues" or negated else any(results)


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(found: str, wanted: str) -> bool:
        try:
            return compare(float(found), float(wanted))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(found: str, wanted: str) -> bool:
        try:
            return compare(_epoch(found), _epoch(wanted))
        except ValueError:
            return False

    return test


def _epoch(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(found: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(found) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}

_TESTS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda found, wanted: found == wanted,
    "StringEqualsIgnoreCase": lambda found, wanted: found.lower() == wanted.lower(),
    "StringLike": lambda found, wanted: like(found, wanted),
    "ArnEquals": lambda found, wanted: like(found, wanted),
    "ArnLike": lambda found, wanted: like(found, wanted),
    "Bool": lambda found, wanted: found.lower() == wanted.lower(),
    "IpAddress": _in_network,
    **{f"Numeric{name}": _number(compare) for name, compare in _COMPARISONS.items()},
    **{f"Date{name}": _date(compare) for name, compare in _COMPARISONS.items()},
}
