"""Refuse input that the operation's model does not allow, before anything is touched.

botocore's clients check the same on their side; other clients rely on the service to do it.
"""

from __future__ import annotations

from typing import Any

from botocore.validate import ParamValidator, ValidationErrors

from labcloud.errors import AWSError
from labcloud.protocol import Call

_CODES = {
    "athena": "InvalidRequestException",
    "ec2": "MissingParameter",
    "emr": "InvalidRequestException",
    "events": "ValidationException",
    "glue": "InvalidInputException",
    "lambda": "InvalidParameterValueException",
    "logs": "InvalidParameterException",
    "rekognition": "InvalidParameterException",
    "s3": "MalformedXML",
    "s3control": "MalformedXML",
    "sns": "InvalidParameter",
}
"""How a service names a request with a missing or mistyped member, where it has its own word."""

_DEFAULT = {"query": "ValidationError", "ec2": "MissingParameter"}
_JUDGED = ("missing required field", "invalid type")


class _Found(ValidationErrors):  # type: ignore[misc]
    """botocore's report, kept to what every service refuses: members missing or of a wrong type."""

    def sentences(self) -> list[str]:
        """One sentence an error; a member that is null counts as left out."""
        return [
            self._format_error(error)
            for error in self._errors
            if error[0] in _JUDGED and error[2].get("param", error) is not None
        ]


def validate(call: Call, asked: dict[str, Any]) -> None:
    """Raise the service's validation error where `asked` lacks a member or has one mistyped."""
    assert call.operation is not None
    shape = call.operation.input_shape
    if shape is None:
        return
    found = _Found()
    ParamValidator()._validate(asked, shape, found, name="")
    sentences = found.sentences()
    if not sentences:
        return
    number = f"{len(sentences)} validation error{'s' if len(sentences) > 1 else ''} detected"
    code = _CODES.get(call.service, _DEFAULT.get(call.protocol, "ValidationException"))
    raise AWSError(code, f"{number}: {'; '.join(sentences)}")
