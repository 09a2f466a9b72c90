"""Custom classifiers: grok, XML, JSON and CSV; checked when they are made.

Source: https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html
"""

from __future__ import annotations

from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, next_page
from labcloud.errors import AWSError
from labcloud.grok import GrokError, compile_grok

KIND = "classifier"
FORMS = ("GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier")
DATATYPES = ("BINARY", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INT", "LONG", "SHORT",
             "STRING", "TIMESTAMP")  # fmt: skip


class ClassifierOperations(GlueBase):
    """Create, Get, Update and DeleteClassifier, GetClassifiers."""

    def create_classifier(self, request: Request, context: Context) -> Answer:
        """Add a classifier. Raises `AlreadyExistsException`, `InvalidInputException`."""
        form, wanted = _one(request)
        _check(form, wanted)
        at = codec.now()
        held = {**wanted, "CreationTime": at, "LastUpdated": at, "Version": 1}
        body = {"Name": wanted["Name"], "Classifier": {form: held}}
        taken = AWSError(errors.EXISTS, f"Classifier with name {wanted['Name']} already exists")
        self.add_thing(context, KIND, wanted["Name"], body, taken)
        return {}

    def get_classifier(self, request: Request, context: Context) -> Answer:
        """Return a classifier. Raises `EntityNotFoundException`."""
        return {"Classifier": self.classifier(context, request["Name"])}

    def get_classifiers(self, request: Request, context: Context) -> Answer:
        """Return a page of classifiers by name."""
        found, token = self.thing_page(context, request, KIND, "Classifier")
        held = [codec.restore(one["Classifier"], "Classifier") for one in found]
        return {"Classifiers": held, **next_page(token)}

    def update_classifier(self, request: Request, context: Context) -> Answer:
        """Change a classifier; it stays of its kind."""
        form, wanted = _one(request)

        def change(body: dict[str, Any]) -> dict[str, Any]:
            old = body["Classifier"].get(form)
            if old is None:
                raise errors.invalid(f"Classifier {wanted['Name']} is not a {form}.")
            new = {**old, **wanted}
            _check(form, new)
            new |= {"LastUpdated": codec.now(), "Version": old["Version"] + 1}
            return {**body, "Classifier": {form: new}}

        self.change_thing(context, KIND, wanted["Name"], change, _no(wanted["Name"]))
        return {}

    def delete_classifier(self, request: Request, context: Context) -> Answer:
        """Remove a classifier. Raises `EntityNotFoundException`."""
        if not self.remove_thing(context, KIND, request["Name"]):
            raise _no(request["Name"])
        return {}

    def classifier(self, context: Context, name: str) -> dict[str, Any]:
        """Return a classifier as GetClassifier shows it. Raises `EntityNotFoundException`."""
        found = self.thing(context, KIND, name)
        if found is None:
            raise _no(name)
        return codec.restore(found["Classifier"], "Classifier")


def _no(name: str) -> AWSError:
    return errors.not_found(f"Classifier with name {name} does not exist")


def _one(request: Request) -> tuple[str, dict[str, Any]]:
    found = [(form, request[form]) for form in FORMS if request.get(form) is not None]
    if len(found) != 1:
        raise errors.invalid(
            "Exactly one of GrokClassifier, XMLClassifier, JsonClassifier and CsvClassifier must "
            "be specified."
        )
    return found[0]


def _check(form: str, wanted: dict[str, Any]) -> None:
    if form == "GrokClassifier":
        try:
            compile_grok(wanted["GrokPattern"], wanted.get("CustomPatterns") or "")
        except GrokError as error:
            raise errors.invalid(f"Invalid grok pattern: {error}") from error
    elif form == "JsonClassifier" and not wanted["JsonPath"].startswith("$"):
        raise errors.invalid(f"Invalid JSON path: {wanted['JsonPath']}")
    elif form == "XMLClassifier" and not wanted.get("RowTag"):
        raise errors.invalid("RowTag is required.")
    elif form == "CsvClassifier":
        _check_csv(wanted)


def _check_csv(wanted: dict[str, Any]) -> None:
    delimiter, quote = wanted.get("Delimiter"), wanted.get("QuoteSymbol")
    if delimiter is not None and delimiter == quote:
        raise errors.invalid("Delimiter and quote symbol cannot be the same.")
    header = [name.lower() for name in wanted.get("Header") or ()]
    if len(set(header)) < len(header):
        raise errors.invalid("Header cannot contain duplicate column names.")
    kinds = wanted.get("CustomDatatypes") or []
    unknown = [kind for kind in kinds if kind.upper() not in DATATYPES]
    if unknown:
        raise errors.invalid(f"Unsupported custom datatypes: {', '.join(unknown)}")
    if kinds and header and len(kinds) != len(header):
        raise errors.invalid("The number of custom datatypes must be the number of columns.")
