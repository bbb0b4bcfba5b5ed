"""What a provider promises at plan: what is proposed, and unknown for whatever only it can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ci.rehearsal.providers.values import UNKNOWN, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What the services behind the providers cannot change in place. Not complete: what this project might come to change.
_FIXED = {
    "aws_cloudwatch_log_group": ("name",),
    "aws_ecr_repository": ("name", "encryption_configuration.0.encryption_type"),
    "aws_eks_access_entry": ("cluster_name", "principal_arn"),
    "aws_eks_addon": ("cluster_name", "addon_name"),
    "aws_eks_cluster": ("name", "role_arn"),
    "aws_eks_node_group": (
        "cluster_name",
        "node_role_arn",
        "subnet_ids",
        "instance_types",
        "ami_type",
        "capacity_type",
    ),
    "aws_iam_role": ("name",),
    "aws_iam_role_policy_attachment": ("role", "policy_arn"),
    "aws_nat_gateway": ("allocation_id", "subnet_id"),
    "aws_route_table_association": ("subnet_id",),
    "aws_subnet": ("availability_zone", "cidr_block", "vpc_id"),
    "aws_vpc": ("cidr_block",),
    # A job's pods are made once; of its own fields, these are not to be changed either.
    "kubernetes_job_v1": ("spec.0.completions", "spec.0.selector", "spec.0.template"),
    "mongodbatlas_advanced_cluster": ("name", "project_id"),
    "mongodbatlas_database_user": ("auth_database_name", "project_id", "username"),
    "mongodbatlas_project": ("org_id",),
    "mongodbatlas_project_ip_access_list": ("cidr_block", "ip_address", "project_id"),
}
_KUBERNETES_FIXED = ("metadata.0.name", "metadata.0.namespace", "spec.0.selector.0.match_labels")


def plan(block: Mapping[str, Any], proposed: Mapping[str, Any], prior: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Return the state that a resource of the schema BLOCK would have.

    PROPOSED is the configuration, with PRIOR's values wherever the provider
    decides; PRIOR is None for what does not exist yet.
    """
    attributes = block.get("attributes", {})
    blocks = block.get("block_types", {})
    before = prior or {}
    return {
        **{
            name: _attribute(each, proposed[name], before.get(name), new=prior is None)
            for name, each in attributes.items()
        },
        **{
            name: _nested(each["nesting_mode"], each["block"], proposed[name], before.get(name))
            for name, each in blocks.items()
        },
    }


def _attribute(attribute: Mapping[str, Any], proposed: Any, prior: Any, *, new: bool) -> Any:
    if attribute.get("write_only"):
        return None
    if proposed is None:
        return UNKNOWN if new and attribute.get("computed") else None
    if "nested_type" in attribute:
        nested = attribute["nested_type"]
        return _nested(nested["nesting_mode"], nested, proposed, prior)
    return proposed


def _nested(mode: str, block: Mapping[str, Any], proposed: Any, prior: Any) -> Any:
    """Return PROPOSED, one object or several of the schema BLOCK, planned against what PRIOR has in its place."""
    if proposed is None or proposed is UNKNOWN:
        return proposed
    if mode in {"single", "group"}:
        return plan(block, proposed, prior)
    if mode == "map":
        return {key: plan(block, each, (prior or {}).get(key)) for key, each in proposed.items()}
    if mode == "set":
        # Equal members are the same one: a set has no other way to tell.
        return [each if each in (prior or []) else plan(block, each, None) for each in proposed]
    before = [*(prior or []), *[None] * len(proposed)]
    return [plan(block, each, old) for each, old in zip(proposed, before, strict=False)]


def tagged(planned: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return PLANNED, a resource of AWS, with `tags_all` as its provider's DEFAULTS make it."""
    if "tags_all" not in planned or planned["tags"] is UNKNOWN:
        return dict(planned)
    return {**planned, "tags_all": {**defaults, **(planned["tags"] or {})}}


def replaced_by(resource_type: str, prior: Mapping[str, Any], planned: Mapping[str, Any]) -> Iterator[list[str | int]]:
    """Yield the paths of what differs between PRIOR and PLANNED and cannot change in place."""
    common = _KUBERNETES_FIXED if resource_type.startswith("kubernetes_") else ()
    for path in (*common, *_FIXED.get(resource_type, ())):
        if at(prior, path) != at(planned, path):
            yield [int(step) if step.isdigit() else step for step in path.split(".")]
