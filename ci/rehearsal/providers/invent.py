"""Made-up values in the shape of real ones, always the same for the same resource."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

from ci.rehearsal.providers.values import UNKNOWN, at, known, scalars

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = "123456789012"
CREATED = "2026-01-01T00:00:00Z"

_EC2 = {
    "aws_default_security_group": ("sg", "security-group"),
    "aws_eip": ("eipalloc", "elastic-ip"),
    "aws_flow_log": ("fl", "vpc-flow-log"),
    "aws_internet_gateway": ("igw", "internet-gateway"),
    "aws_launch_template": ("lt", "launch-template"),
    "aws_nat_gateway": ("nat", "natgateway"),
    "aws_route": ("r-rtb", "route"),
    "aws_route_table": ("rtb", "route-table"),
    "aws_route_table_association": ("rtbassoc", "route-table-association"),
    "aws_subnet": ("subnet", "subnet"),
    "aws_vpc": ("vpc", "vpc"),
    "aws_vpc_endpoint": ("vpce", "vpc-endpoint"),
}

_BY_TYPE: dict[str, dict[str, Any]] = {
    **{
        kind: {"id": f"{prefix}-0{{hash}}", "arn": f"arn:aws:ec2:{{region}}:{{account}}:{word}/{prefix}-0{{hash}}"}
        for kind, (prefix, word) in _EC2.items()
    },
    "aws_cloudwatch_log_group": {"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    "aws_ecr_repository": {
        "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
        "repository_url": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws_eks_access_entry": {"id": "{cluster_name}:{principal_arn}"},
    "aws_eks_addon": {
        "id": "{cluster_name}:{addon_name}",
        "arn": "arn:aws:eks:{region}:{account}:addon/{cluster_name}/{addon_name}/{uuid}",
        "addon_version": "v1.0.0-eksbuild.1",
    },
    "aws_eks_cluster": {
        "arn": "arn:aws:eks:{region}:{account}:cluster/{name}",
        "certificate_authority": [{"data": "{certificate}"}],
        "endpoint": "https://{HASH}.gr7.{region}.eks.amazonaws.com",
        "identity": [{"oidc": [{"issuer": "https://oidc.eks.{region}.amazonaws.com/id/{HASH}"}]}],
        "platform_version": "eks.1",
        "status": "ACTIVE",
        "vpc_config.cluster_security_group_id": "sg-0{hash}",
    },
    "aws_eks_node_group": {
        "id": "{cluster_name}:{name}",
        "arn": "arn:aws:eks:{region}:{account}:nodegroup/{cluster_name}/{name}/{uuid}",
        "status": "ACTIVE",
    },
    "aws_iam_role": {"arn": "arn:aws:iam::{account}:role/{name}"},
    "aws_iam_role_policy": {"id": "{role}:{name}"},
    "aws_iam_role_policy_attachment": {"id": "{role}-{hash}"},
    "aws_kms_alias": {"arn": "arn:aws:kms:{region}:{account}:{name}"},
    "aws_kms_key": {"id": "{uuid}", "key_id": "{uuid}", "arn": "arn:aws:kms:{region}:{account}:key/{uuid}"},
    "kubernetes_service_v1": {"spec.cluster_ip": "172.20.0.{octet}"},
    "mongodbatlas_advanced_cluster": {
        "cluster_id": "{object_id}",
        "connection_strings": {
            "standard": "mongodb://{name}-00.{slug}.mongodb.net:27017",
            "standard_srv": "mongodb+srv://{name}.{slug}.mongodb.net",
        },
        "mongo_db_version": "8.0.0",
        "state_name": "IDLE",
    },
    "mongodbatlas_project": {"id": "{object_id}"},
}
_BY_TYPE["aws_eip"] |= {"public_ip": "203.0.113.{octet}"}
_BY_TYPE["aws_launch_template"] |= {"latest_version": 1, "default_version": 1}

_BY_NAME: dict[str, Any] = {
    "account_id": "{account}",
    "created_at": CREATED,
    "create_date": CREATED,
    "generation": 1,
    "id": "{name}",
    "modified_at": CREATED,
    "name": "{name}",
    "node_group_name": "{name}",
    "owner_id": "{account}",
    "region": "{region}",
    "registry_id": "{account}",
    "resource_version": "1",
    "uid": "{uuid}",
}
_NO_VALUE: dict[str, Any] = {"string": "", "number": 0, "bool": False, "list": [], "set": [], "map": {}}


def fill(resource_type: str, block: Mapping[str, Any], planned: dict[str, Any], region: str) -> dict[str, Any]:
    """Return PLANNED, a resource of the schema BLOCK, with a value made up for whatever is still unknown."""
    facts = _facts(resource_type, planned, region)
    values = {**_BY_TYPE.get(resource_type, {})}
    if resource_type == "kubernetes_service_v1":
        balanced = at(planned, "spec.0.type") == "LoadBalancer"
        ingress = [{"hostname": "{slug}.elb.{region}.amazonaws.com", "ip": "", "ip_mode": ""}] if balanced else []
        values["status"] = [{"load_balancer": [{"ingress": ingress}]}]
    return _object(block, planned, values, facts, "")


def _facts(resource_type: str, planned: dict[str, Any], region: str) -> dict[str, Any]:
    """Return the words that made-up values are put together from."""
    digest = hashlib.sha256(json.dumps([resource_type, known(planned)], sort_keys=True).encode()).hexdigest()
    prefix = _text(planned, "name_prefix", "node_group_name_prefix")
    name = _text(planned, "name", "node_group_name", "username") or (prefix and f"{prefix}{digest[:8]}")
    if named := _text(planned, "metadata.0.name"):
        name = "/".join(each for each in (_text(planned, "metadata.0.namespace"), named) if each)
    return {
        **scalars(planned),
        "account": ACCOUNT,
        "region": region,
        "name": name or _text(planned, "tags.Name") or digest[:8],
        "hash": digest[:16],
        "HASH": digest[:32].upper(),
        "slug": digest[:8],
        "object_id": digest[:24],
        "octet": int(digest[:8], 16) % 254 + 1,
        "uuid": uuid.UUID(digest[:32]),
        "certificate": base64.b64encode(f"stand-in certificate {digest[:8]}".encode()).decode(),
    }


def _text(planned: Mapping[str, Any], *paths: str) -> str:
    """Return the first text that PLANNED knows at one of PATHS, or an empty one."""
    return next((each for path in paths if isinstance(each := at(planned, path), str)), "")


def _object(
    block: Mapping[str, Any],
    planned: Mapping[str, Any],
    values: Mapping[str, Any],
    facts: Mapping[str, Any],
    above: str,
) -> dict[str, Any]:
    done = dict(planned)
    for name, each in block.get("attributes", {}).items():
        path = f"{above}{name}"
        if planned[name] is UNKNOWN:
            done[name] = _told(values.get(path, _BY_NAME.get(name)), facts)
            if done[name] is None or "nested_type" in each:
                done[name] = _default(each, done[name])
        elif "nested_type" in each:
            done[name] = _each(each["nested_type"], planned[name], values, facts, f"{path}.")
    for name, each in block.get("block_types", {}).items():
        done[name] = _each(each["block"], planned[name], values, facts, f"{above}{name}.")
    return done


def _each(
    block: Mapping[str, Any], planned: Any, values: Mapping[str, Any], facts: Mapping[str, Any], above: str
) -> Any:
    if isinstance(planned, list):
        return [_each(block, member, values, facts, above) for member in planned]
    if isinstance(planned, dict):
        return _object(block, planned, values, facts, above)
    return [] if planned is UNKNOWN else planned


def _told(template: Any, facts: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        return template.format_map(facts)
    if isinstance(template, list):
        return [_told(each, facts) for each in template]
    if isinstance(template, dict):
        return {name: _told(each, facts) for name, each in template.items()}
    return template


def _default(attribute: Mapping[str, Any], told: Any) -> Any:
    """Return what stands for an unknown ATTRIBUTE of which TOLD, if anything, is known."""
    if "nested_type" in attribute:
        nested = attribute["nested_type"]
        if nested["nesting_mode"] != "single":
            return []
        return {name: (told or {}).get(name, _default(each, None)) for name, each in nested["attributes"].items()}
    kind = attribute["type"]
    return _NO_VALUE[kind if isinstance(kind, str) else kind[0]]
