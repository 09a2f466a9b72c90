"""AWS Glue's errors in its own words.

Sources: the API reference's error sections; words as the service itself gave them, quoted in
issues of public projects (named where a text is not a plain "not found").
"""

from __future__ import annotations

from typing import Any

from labcloud.errors import AWSError

NOT_FOUND = "EntityNotFoundException"
EXISTS = "AlreadyExistsException"


def not_found(text: str) -> AWSError:
    """An entity is not there."""
    return AWSError(NOT_FOUND, text)


def no_database(name: str) -> AWSError:
    """The catalog has no such database."""
    return not_found(f"Database {name} not found.")


def no_table(name: str) -> AWSError:
    """The database has no such table."""
    return not_found(f"Table {name} not found.")


def no_partition() -> AWSError:
    """The table has no partition with these values."""
    return not_found("Cannot find partition.")


def exists(kind: str) -> AWSError:
    """An entity with that name is there already."""
    return AWSError(EXISTS, f"{kind} already exists.")


def invalid(text: str) -> AWSError:
    """The request asks for what cannot be."""
    return AWSError("InvalidInputException", text)


def limit(text: str) -> AWSError:
    """A quota is used up."""
    return AWSError("ResourceNumberLimitExceededException", text)


def concurrent(text: str) -> AWSError:
    """Somebody else changed the entity meanwhile."""
    return AWSError("ConcurrentModificationException", text)


def detail(error: AWSError) -> dict[str, Any]:
    """Return an error as the ErrorDetail of a batch's entry."""
    return {"ErrorCode": error.code, "ErrorMessage": error.message}
