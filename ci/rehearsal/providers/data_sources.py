"""What stand-in data sources answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ci.rehearsal.providers.invent import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONES = "abcd"


def answer(data_source: str, config: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Return what DATA_SOURCE, asked with CONFIG, knows of the account in REGION; KeyError for one not known here."""
    answers: dict[str, dict[str, Any]] = {
        "aws_availability_zones": _zones(config, region),
        "aws_caller_identity": {
            "id": ACCOUNT,
            "account_id": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:user/stand-in",
            "user_id": "AIDASTANDIN",
        },
        "aws_partition": {
            "id": "aws",
            "partition": "aws",
            "dns_suffix": "amazonaws.com",
            "reverse_dns_prefix": "com.amazonaws",
        },
    }
    return {**config, **answers[data_source]}


def _zones(config: Mapping[str, Any], region: str) -> dict[str, Any]:
    area, direction, number = [*region.split("-"), "", ""][:3]
    zone_ids = {f"{region}{each}": f"{area[:2]}{direction[:1]}{number}-az{i}" for i, each in enumerate(ZONES, start=1)}
    refused = {*(config.get("exclude_zone_ids") or ()), *(config.get("exclude_names") or ())}
    kept = {name: zone for name, zone in zone_ids.items() if not {name, zone} & refused}
    return {"id": region, "names": list(kept), "zone_ids": list(kept.values()), "group_names": [region]}
