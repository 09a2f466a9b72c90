"""Security configurations, resource policies, encryption of the catalog: kept, and given back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from labcloud.engine import Context
from labcloud.engines.glue import codec, errors
from labcloud.engines.glue.base import Answer, GlueBase, Request, next_page, put_thing, thing
from labcloud.engines.glue.paging import page
from labcloud.errors import AWSError

CONFIGURATION, POLICY, ENCRYPTION = "security configuration", "resource policy", "encryption"


class SecurityOperations(GlueBase):
    """Security configurations, resource policies, DataCatalogEncryptionSettings."""

    def create_security_configuration(self, request: Request, context: Context) -> Answer:
        """Add a security configuration. Raises `AlreadyExistsException`."""
        name, at = request["Name"], codec.now()
        body = {
            "Name": name,
            "CreatedTimeStamp": at,
            "EncryptionConfiguration": request["EncryptionConfiguration"],
        }
        taken = AWSError(errors.EXISTS, f"SecurityConfiguration {name} already exists")
        self.add_thing(context, CONFIGURATION, name, body, taken)
        return {"Name": name, "CreatedTimestamp": codec.moment(at)}

    def get_security_configuration(self, request: Request, context: Context) -> Answer:
        """Return a security configuration. Raises `EntityNotFoundException`."""
        found = self.thing(context, CONFIGURATION, request["Name"])
        if found is None:
            raise _no_configuration(request["Name"])
        return {"SecurityConfiguration": codec.restore(found, "SecurityConfiguration")}

    def get_security_configurations(self, request: Request, context: Context) -> Answer:
        """Return a page of security configurations by name."""
        found, token = self.thing_page(context, request, CONFIGURATION, "SecurityConfiguration")
        return {"SecurityConfigurations": found, **next_page(token)}

    def delete_security_configuration(self, request: Request, context: Context) -> Answer:
        """Remove a security configuration. Raises `EntityNotFoundException`."""
        if not self.remove_thing(context, CONFIGURATION, request["Name"]):
            raise _no_configuration(request["Name"])
        return {}

    def put_resource_policy(self, request: Request, context: Context) -> Answer:
        """Set the catalog's policy; it is kept, nobody is refused by it."""
        text, name = request["PolicyInJson"], _policy_name(request, context)
        _check_policy(text)
        scope = self.region_scope(context)
        with self.store.change() as db:
            old = thing(db, scope, POLICY, name)
            condition = request.get("PolicyExistsCondition")
            if condition == "MUST_EXIST" and old is None:
                raise _condition("Policy does not exist")
            if condition == "NOT_EXIST" and old is not None:
                raise _condition("Policy already exists")
            _check_hash(request, old)
            at = codec.now()
            digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            body = {
                "Name": name,
                "PolicyInJson": text,
                "PolicyHash": digest,
                "CreateTime": old["CreateTime"] if old else at,
                "UpdateTime": at,
            }
            put_thing(db, scope, POLICY, name, body)
        return {"PolicyHash": digest}

    def get_resource_policy(self, request: Request, context: Context) -> Answer:
        """Return the policy. Its absence in AWS's words: github.com/indeni/dragoneye/issues/19."""
        found = self.thing(context, POLICY, _policy_name(request, context))
        if found is None:
            raise _no_policy()
        found.pop("Name")
        return codec.restore(found, "GluePolicy")

    def get_resource_policies(self, request: Request, context: Context) -> Answer:
        """Return a page of all policies."""
        found, token = page(
            self.things(context, POLICY), request, 100, lambda one: str(one["Name"])
        )
        policies = [codec.restore(one, "GluePolicy") for one in found]
        return {"GetResourcePoliciesResponseList": policies, **next_page(token)}

    def delete_resource_policy(self, request: Request, context: Context) -> Answer:
        """Remove the policy. Raises `EntityNotFoundException`."""
        name = _policy_name(request, context)
        old = self.thing(context, POLICY, name)
        if old is None:
            raise _no_policy()
        _check_hash(request, old)
        self.remove_thing(context, POLICY, name)
        return {}

    def put_data_catalog_encryption_settings(self, request: Request, context: Context) -> Answer:
        """Keep how the catalog is to be encrypted; on this computer it is not."""
        self.scope(request, context)
        name = request.get("CatalogId") or context.account
        body = {"Name": name, "Settings": request["DataCatalogEncryptionSettings"]}
        self.put_thing(context, ENCRYPTION, name, body)
        return {}

    def get_data_catalog_encryption_settings(self, request: Request, context: Context) -> Answer:
        """Return how the catalog is to be encrypted."""
        self.scope(request, context)
        name = request.get("CatalogId") or context.account
        found = self.thing(context, ENCRYPTION, name) or {"Settings": {}}
        settings = {
            "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
            **found["Settings"],
        }
        return {"DataCatalogEncryptionSettings": settings}


def _policy_name(request: Request, context: Context) -> str:
    catalog = f"arn:aws:glue:{context.region}:{context.account}:catalog"
    return request.get("ResourceArn") or catalog


def _no_configuration(name: str) -> AWSError:
    return errors.not_found(f"Security configuration {name} not found.")


def _no_policy() -> AWSError:
    return errors.not_found("Policy not found")


def _condition(text: str) -> AWSError:
    return AWSError("ConditionCheckFailureException", text)


def _check_hash(request: Request, old: dict[str, Any] | None) -> None:
    expected = request.get("PolicyHashCondition")
    if expected and (old is None or old["PolicyHash"] != expected):
        raise _condition("Policy hash condition not met")


def _check_policy(text: str) -> None:
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise errors.invalid("Policy is not valid JSON.") from error
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise errors.invalid("Policy must have a Statement.")
