"""What docs/cost.md works out is right, and is of the environment as its variables are."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/cost.md").read_text()
DEMO = ROOT / "infra/terraform/envs/demo"
VARIABLES = (DEMO / "variables.tf").read_text()
TIMES = {"hour": 730, "month": 1, "GB-month": 1}
VARIANTS = {"the demo": "The demo", "cheaper": "Cheaper", "sturdier": "Sturdier"}
Row = dict[str, str]


def section(title: str) -> str:
    """Return what stands under the page's heading TITLE."""
    _, found, rest = PAGE.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def tables(text: str) -> list[list[Row]]:
    """Return each table of TEXT as its rows, the column's title before each cell."""
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line.strip("| \n").split("|")] for line in block.splitlines()]
        found.append([dict(zip(head, row, strict=False)) for row in rows])
    return found


def lines(title: str) -> list[Row]:
    """Return the lines of the variant under TITLE, without its sum."""
    (rows,) = tables(section(title))
    return [row for row in rows if "sum" not in row["line"]]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def told_sum(text: str) -> list[Decimal]:
    """Return the numbers in the row of TEXT that holds the sum."""
    return [Decimal(number) for number in re.findall(r"\*\*([\d.]+)\*\*", text)]


def values(text: str) -> dict[str, Any]:
    """Return the assignments of TEXT that fit on a line; of Terraform's language, what a variables file needs."""
    found = {}
    for name, value in re.findall(r"^(\w+)\s*=\s*([^\s{].*|\{ .* \})$", text, re.MULTILINE):
        found[name] = json.loads(re.sub(r"(\w+) = ", r'"\1": ', value))
    return found


def variables(title: str) -> dict[str, Any]:
    """Return the demo's variables with what the variant under TITLE changes."""
    changed = re.findall(r"```hcl\n(.*?)```", section(title), re.DOTALL)
    return values((DEMO / "terraform.tfvars").read_text()) | values("\n".join(changed))


def default(name: str) -> int:
    """Return the number that the environment's variable NAME has unless another is said."""
    found = re.search(rf'^variable "{name}" \{{\n(?:  .*\n)*?  default\s*= (\d+)$', VARIABLES, re.MULTILINE)
    assert found, name
    return int(found[1])


def expected(chosen: dict[str, Any]) -> list[tuple[int, str]]:
    """Return count and price of each line that the CHOSEN variables make."""
    disk = chosen.get("node_disk_gib", default("node_disk_gib"))
    nodes = chosen["node_scaling"]["desired"]
    gateways = 1 if chosen["single_nat_gateway"] else chosen["az_count"]
    spot = ", Spot" if chosen["node_capacity_type"] == "SPOT" else ""
    return [
        (1, "EKS control plane"),
        (nodes, f"{chosen['node_instance_types'][0]}{spot}"),
        (nodes * disk, "gp3 disk"),
        (gateways, "NAT gateway"),
        (gateways, "public IPv4 address"),
        (1, "network load balancer"),
        (chosen["az_count"], "public IPv4 address"),
        (1, "KMS key"),
        (2, "ECR storage"),
        (1, f"Atlas {chosen['instance_size']}"),
    ]


ROWS = [
    pytest.param(row, id=f"{name}-{row['line']}".replace(" ", "-"))
    for name, title in VARIANTS.items()
    for row in lines(title)
]


@pytest.mark.parametrize("row", ROWS)
def test_line_is_count_by_price_by_time(row: Row) -> None:
    """A line's amount is what its own numbers make."""
    amount = Decimal(row["count"]) * Decimal(row["USD"]) * TIMES[row["per"]]

    assert Decimal(row["USD a month"]) == cents(amount)


@pytest.mark.parametrize("row", ROWS)
def test_line_uses_the_price_that_has_a_page(row: Row) -> None:
    """Each price stands once with the page it is from, and the lines agree with it."""
    (rows,) = tables(section("Prices"))
    prices = {price["what"]: price for price in rows}

    price = prices[row["of"]]
    assert (row["USD"], row["per"]) == (price["USD"], price["per"])
    assert re.fullmatch(r"<https://(aws\.amazon|www\.mongodb)\.com/\S+>", price["page"])


@pytest.mark.parametrize("name", VARIANTS)
def test_sum_is_that_of_the_lines(name: str) -> None:
    """The variant's own table and the overview name the same sum, which the lines make."""
    title = VARIANTS[name]
    total = sum(Decimal(row["USD a month"]) for row in lines(title))
    anchor = title.lower().replace(" ", "-")

    assert told_sum(section(title)) == [total]
    assert f"| [{name}](#{anchor}) | {total} |" in PAGE


@pytest.mark.parametrize("name", VARIANTS)
def test_counts_follow_from_the_variables(name: str) -> None:
    """What is counted is what the variables make: nodes, their type and disks, gateways, addresses, the database."""
    counted = [(int(row["count"]), row["of"]) for row in lines(VARIANTS[name])]

    assert counted == expected(variables(VARIANTS[name]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(name, value, id=f"{variant}-{name}")
        for variant, title in VARIANTS.items()
        for block in re.findall(r"```hcl\n(.*?)```", section(title), re.DOTALL)
        for name, value in values(block).items()
    ],
)
def test_variant_sets_variables_that_there_are(name: str, value: object) -> None:
    """A variant can be copied into terraform.tfvars: each name is a variable, each value of its type."""
    block = re.search(rf'^variable "{name}" \{{\n(.*?)^\}}', VARIABLES, re.MULTILINE | re.DOTALL)
    assert block, name
    declared = re.search(r"type\s*=\s*(\w+)", block[1])
    assert declared

    kinds = {"string": str, "number": int, "bool": bool, "list": list, "set": list, "object": dict}
    assert type(value) is kinds[declared[1]]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([a-z]+_[a-z_]+)(?:\.[a-z]+)?(?: = [^`]+)?`", PAGE))))
def test_page_names_no_other_variable(name: str) -> None:
    """Whatever looks like a variable is one, of the environment or an argument in a module."""
    modules = "".join(path.read_text() for path in (ROOT / "infra/terraform/modules").rglob("*.tf"))

    assert f'variable "{name}"' in VARIABLES or re.search(rf"\b{name}\b", modules)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["hours a month"]) for row in tables(section("Part-time"))[0]])
def test_part_time_is_a_share_of_the_demo(row: Row) -> None:
    """Hours of 730 are that part of the demo's sum."""
    (total,) = told_sum(section("The demo"))

    assert Decimal(row["USD a month"]) == cents(total * int(row["hours a month"]) / 730)


@pytest.mark.parametrize("index", [0, 1], ids=["apply", "destroy"])
def test_times_add_up(index: int) -> None:
    """The stages follow one another, so the whole takes their sum."""
    rows = tables(section("Time"))[index]
    stages = [row for row in rows if row["from"].isdigit()]

    assert told_sum(rows[-1]["from"] + rows[-1]["to"]) == [
        sum(int(row[end]) for row in stages) for end in ("from", "to")
    ]
