"""What docs/cost.md works out is right, and is of the environment as its variables are."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

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
    found = values((DEMO / "terraform.tfvars").read_text())
    for block in blocks(title):
        found |= block
    return found


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


def blocks(title: str) -> list[dict[str, Any]]:
    """Return the assignments of each block of variables under `title`."""
    return [values(block) for block in re.findall(r"```hcl\n(.*?)```", section(title), re.DOTALL)]


def variable(name: str, value: object) -> str:
    """Return what is wrong with `value` for the environment's variable `name`: nothing where it can be set to it."""
    block = re.search(rf'^variable "{name}" \{{\n(.*?)^\}}', VARIABLES, re.MULTILINE | re.DOTALL)
    declared = re.search(r"type\s*=\s*(\w+)", block[1]) if block else None
    if declared is None:
        return f"{name} is no variable"
    kinds = {"string": str, "number": int, "bool": bool, "list": list, "set": list, "object": dict}
    return "" if type(value) is kinds[declared[1]] else f"{name} = {value} is no {declared[1]}"


def test_cost_page_amounts_add_up() -> None:
    """
    Each amount is what the page's own numbers make; all that do not are listed.

    A line is count by price by time; a sum that of its lines, in the variant's table and in the overview; hours of 730
    are that part of the demo's sum; the stages of an apply and of a destroy follow one another.
    """
    wrong = []
    for name, title in VARIANTS.items():
        rows = lines(title)
        assert rows, title
        for row in rows:
            amount = cents(Decimal(row["count"]) * Decimal(row["USD"]) * TIMES[row["per"]])
            if Decimal(row["USD a month"]) != amount:
                wrong.append(f"{title}, {row['line']}: {row['USD a month']} in place of {amount}")
        total = sum(Decimal(row["USD a month"]) for row in rows)
        anchor = title.lower().replace(" ", "-")
        if told_sum(section(title)) != [total] or f"| [{name}](#{anchor}) | {total} |" not in PAGE:
            wrong.append(f"{title}: the sum is not {total}")
    (demo,) = told_sum(section("The demo"))
    (shares,) = tables(section("Part-time"))
    for row in shares:
        share = cents(demo * int(row["hours a month"]) / 730)
        if Decimal(row["USD a month"]) != share:
            wrong.append(f"{row['hours a month']} hours: {row['USD a month']} in place of {share}")
    apply, destroy = tables(section("Time"))
    for rows in (apply, destroy):
        stages = [row for row in rows if row["from"].isdigit()]
        minutes = [Decimal(sum(int(row[end]) for row in stages)) for end in ("from", "to")]
        if not stages or told_sum(rows[-1]["from"] + rows[-1]["to"]) != minutes:
            wrong.append(f"{rows[-1]}: the stages take {minutes}")
    assert shares
    assert wrong == []


def test_cost_page_prices_have_a_source() -> None:
    """Each price stands once with the page it is from, and the lines of every variant agree with it."""
    (rows,) = tables(section("Prices"))
    prices = {price["what"]: price for price in rows}
    wrong = [
        f"{title}, {row['line']}"
        for title in VARIANTS.values()
        for row in lines(title)
        if (price := prices.get(row["of"])) is None
        or (row["USD"], row["per"]) != (price["USD"], price["per"])
        or not re.fullmatch(r"<https://(aws\.amazon|www\.mongodb)\.com/\S+>", price["page"])
    ]

    assert len(prices) == len(rows)
    assert wrong == []


def test_cost_page_counts_follow_from_the_variables() -> None:
    """What is counted is what the variables make: nodes, their type and disks, gateways, addresses, the database."""
    counted = {title: [(int(row["count"]), row["of"]) for row in lines(title)] for title in VARIANTS.values()}

    assert counted == {title: expected(variables(title)) for title in VARIANTS.values()}


def test_cost_page_variables_can_be_set() -> None:
    """
    A variant can be copied into terraform.tfvars: each name is a variable, each value of its type.

    What else looks like a variable in the text is one, of the environment or an argument in a module.
    """
    modules = "".join(path.read_text() for path in (ROOT / "infra/terraform/modules").rglob("*.tf"))
    named = set(re.findall(r"`([a-z]+_[a-z_]+)(?:\.[a-z]+)?(?: = [^`]+)?`", PAGE))
    chosen = [item for title in VARIANTS.values() for block in blocks(title) for item in block.items()]
    wrong = [found for name, value in chosen if (found := variable(name, value))]
    wrong += [
        name for name in named if f'variable "{name}"' not in VARIABLES and not re.search(rf"\b{name}\b", modules)
    ]

    assert chosen
    assert named
    assert wrong == []
