"""The matrix as text: a table for a terminal, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.model.network.intervals import Intervals
from policies.model.network.matrix import Cell, Matrix, State
from policies.model.network.ports import ranges, spell_ports
from policies.network.names import names_of
from policies.verdict import printable

SIGNS = {
    State.MEANT: ("●", "green"),
    State.EXCESS: ("+", "yellow"),
    State.BLOCKED: ("✗", "bold red"),
    State.CLOSED: ("·", "dim"),
}
"""What stands in a cell of the terminal's table."""


def show(matrix: Matrix, console: Console) -> None:
    """Print the matrix: a sign a cell, its columns by number; then the connections that are blocked or in excess, with their ports."""
    names = names_of(matrix)
    numbers = {target: str(index) for index, target in enumerate(matrix.targets, 1)}
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        title=f"{printable(matrix.name)}: who calls (rows) whom (columns)",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("")
    for target in matrix.targets:
        table.add_column(numbers[target], justify="right")
    for source in matrix.sources:
        own = f"{numbers[source]:>3} " if source in numbers else "    "
        cells = (matrix.cells.get((source, target)) for target in matrix.targets)
        table.add_row(Text(own + printable(names[source])), *map(_sign, cells))
    console.print(table)
    others = [target for target in matrix.targets if target not in matrix.sources]
    if others:
        console.print(
            Text("  ".join(f"{numbers[target]} {printable(names[target])}" for target in others), style="dim")
        )
    console.print(Text("  ".join(f"{SIGNS[state][0]} {state.value}" for state in State), style="dim"))
    for state in (State.BLOCKED, State.EXCESS):
        for cell in matrix.of(state):
            found = cell.blocked if state is State.BLOCKED else cell.excess
            line = f"{SIGNS[state][0]} {printable(names[cell.source])} -> {printable(names[cell.target])}  {spell_ports(found)}"
            console.print(Text(line, style=SIGNS[state][1]))


def _sign(cell: Cell | None) -> Text:
    sign, style = SIGNS[cell.state] if cell is not None else (" ", "")
    return Text(sign, style=style)


def as_json(matrices: Iterable[Matrix]) -> str:
    """Give every cell that is not closed, with its ports as ranges."""
    return json.dumps([_plain(matrix) for matrix in matrices], indent=2, ensure_ascii=False) + "\n"


def _plain(matrix: Matrix) -> dict[str, Any]:
    return {
        "place": matrix.name,
        "sources": [party.name for party in matrix.sources],
        "targets": [party.name for party in matrix.targets],
        "connections": [
            {
                "from": cell.source.name,
                "to": cell.target.name,
                "state": cell.state.name.lower(),
                **{name: _ranges(getattr(cell, name)) for name in ("passing", "meant", "excess", "blocked")},
            }
            for cell in matrix.of(State.MEANT, State.EXCESS, State.BLOCKED)
        ],
    }


def _ranges(found: Intervals) -> list[dict[str, Any]]:
    return [{"protocol": protocol, "first": first, "last": last} for protocol, first, last in ranges(found)]


def as_csv(matrices: Iterable[Matrix]) -> str:
    """Give every cell that is not closed as a row."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("place", "from", "to", "state", "passing", "excess", "blocked"))
    for matrix in matrices:
        for cell in matrix.of(State.MEANT, State.EXCESS, State.BLOCKED):
            told = (spell_ports(one) if one else "" for one in (cell.passing, cell.excess, cell.blocked))
            writer.writerow(
                _harmless(one)
                for one in (matrix.name, cell.source.name, cell.target.name, cell.state.name.lower(), *told)
            )
    return stream.getvalue()


def _harmless(text: str) -> str:
    """Keep a name from being a formula to a spreadsheet."""
    shown = printable(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
