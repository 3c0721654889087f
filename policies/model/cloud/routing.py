"""Route tables: where a subnet's traffic goes.

A subnet that no association names takes its VPC's main route table (Amazon VPC User Guide, "Configure route tables").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.model.cloud.resources import known
from policies.model.cloud.vpc_routes import Route
from policies.model.cloud.vpcs import blocks_in_vpcs
from policies.model.kept import kept
from policies.read.terraform import Block, Root, Unknown
from policies.requirement import NotJudged, not_judged


@dataclass(frozen=True, eq=False)
class RouteTable:
    """A route table: its block, or None for the main one of a VPC of which nothing is said; `uncertain` are routes that may be its own or not."""

    block: Block | None
    routes: tuple[Route, ...]
    uncertain: tuple[Route, ...] = ()

    @property
    def ways_out(self) -> tuple[Route, ...]:
        """Its routes to the internet. Raises NotJudged where there are none as far as is known."""
        found, unknown = [], None
        for route in (*self.routes, *self.uncertain):
            value = _leads_out(route)
            if isinstance(value, Unknown):
                unknown = value
            elif value and route in self.routes:
                found.append(route)
            elif value:
                unknown = Unknown(f"the route table of {route.block.address} is not known")
        if not found:
            known(unknown)
        return tuple(found)

    def __str__(self) -> str:
        return "the VPC's main route table" if self.block is None else self.block.address


def _leads_out(route: Route) -> bool | Unknown:
    try:
        return route.leads_out
    except NotJudged as reason:
        return Unknown(str(reason))
    except ValueError as error:
        return Unknown(str(error))


def _inline(table: Block) -> Iterator[Route]:
    value = table.get("route")
    if isinstance(value, Unknown):
        yield Route(table, ("route",))
    for number in range(len(value) if isinstance(value, (tuple, list)) else 0):
        yield Route(table, ("route", number))


@kept
def _tables(root: Root) -> dict[str, tuple[Route, ...]]:
    """Give the routes of each table, by its address; a VPC's address stands for its main table, `""` for one that is not known."""
    found: dict[str, list[Route]] = {}
    for type in ("aws_route_table", "aws_default_route_table"):
        for table in root.resources(type):
            found.setdefault(table.address, []).extend(_inline(table))
    for block in root.resources("aws_route"):
        owners = [one for one in block.refers_to("route_table_id") if one.kind == "resource"]
        value = block.get("route_table_id")
        if isinstance(value, str) and "${" not in value:
            continue  # a table of another root
        own = owners[0].address if len(owners) == 1 and block.unknown is None else ""
        found.setdefault(own, []).append(Route(block))
    return {address: tuple(routes) for address, routes in found.items()}


def _table(root: Root, block: Block | None, *aliases: str) -> RouteTable:
    tables = _tables(root)
    addresses = ([block.address] if block is not None else []) + list(aliases)
    routes = tuple(route for address in addresses for route in tables.get(address, ()))
    return RouteTable(block, routes, tables.get("", ()))


def table_of(subnet: Block, vpc: Block | str | Unknown) -> RouteTable:
    """Give the route table that a subnet takes. Raises NotJudged where that is not known."""
    unknown: Unknown | None = None
    for association in subnet.root.resources("aws_route_table_association"):
        referred = [one for one in association.refers_to("subnet_id") if one.type == "aws_subnet"]
        if subnet not in referred or len(referred) > 1 or association.unknown is not None:
            value = association.get("subnet_id")
            is_elsewhere = subnet not in referred and (
                len(referred) == 1 or (isinstance(value, str) and "${" not in value)
            )
            is_of_gateway = association.get("gateway_id") is not None
            if association.unknown is not None or not (is_elsewhere or is_of_gateway):
                unknown = association.unknown
                if unknown is None:
                    unknown = Unknown(f"the subnet of {association.address} is not known")
            continue
        tables = [one for one in association.refers_to("route_table_id") if one.kind == "resource"]
        if len(tables) != 1:
            not_judged(f"the route table of {association.address} is none of this root")
        return _of_block(tables[0])
    known(unknown)
    return _main(known(vpc))


def _of_block(block: Block) -> RouteTable:
    if block.type in ("aws_vpc", "aws_default_vpc"):
        return _main(block)
    if block.type == "aws_default_route_table":
        return _table(block.root, block, *(one.address for one in block.refers_to("default_route_table_id")))
    return _table(block.root, block)


def _main(vpc: Block | str) -> RouteTable:
    if isinstance(vpc, str):
        not_judged(f"no association names a route table, and the main one of {vpc} is none of this root")
    for association, other in blocks_in_vpcs(vpc.root, "aws_main_route_table_association"):
        if isinstance(other, Unknown):
            known(other)
        if other is vpc:
            tables = [one for one in association.refers_to("route_table_id") if one.kind == "resource"]
            return (
                _table(vpc.root, tables[0])
                if len(tables) == 1
                else not_judged(f"the route table of {association.address} is not known")
            )
    for table in vpc.root.resources("aws_default_route_table"):
        if vpc in table.refers_to("default_route_table_id"):
            return _table(vpc.root, table, vpc.address)
    return _table(vpc.root, None, vpc.address)
