"""The matrix as a picture: SVG for a page, DOT for Graphviz."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from policies.model.network.intervals import Intervals
from policies.model.network.matrix import Cell, Matrix, State
from policies.model.network.ports import ALL_PORTS, ranges
from policies.network.names import names_of
from policies.verdict import printable

COLOURS = {State.MEANT: "#bfe3c6", State.EXCESS: "#ffd98a", State.BLOCKED: "#f4a6a6", State.CLOSED: "#f4f4f2"}
_INK, _LINE, _PAPER = "#1f2328", "#ffffff", "#ffffff"
_WIDTH, _HEIGHT, _LETTER, _HEAD, _LONGEST = 46, 22, 6.2, 14, 26


def short_ports(found: Intervals) -> str:
    """Spell ports as they fit in a cell: `8080`, `53 +53u`, `all`; more than two as how many ranges there are."""
    if found == ALL_PORTS:
        return "all"
    texts = []
    for protocol, first, last in ranges(found):
        mark = {"TCP": "", "UDP": "u", "SCTP": "s"}[protocol]
        texts.append(
            "all" + mark if (first, last) == (1, 65535) else f"{first}{f'-{last}' if last > first else ''}{mark}"
        )
    return " ".join(texts) if len(texts) < 3 else f"{len(texts)} ranges"


def svg(matrix: Matrix) -> str:
    """Draw the matrix: who calls on the left, who is called on top, the ports in the cells, their state as the colour."""
    names = {party: _fitting(printable(name)) for party, name in names_of(matrix).items()}
    left = max(len(names[party]) for party in matrix.sources) * _LETTER + 12
    top = max(len(names[party]) for party in matrix.targets) * _LETTER * 0.75 + 40
    width = left + len(matrix.targets) * _WIDTH + top * 0.75
    height = top + len(matrix.sources) * _HEIGHT + 34
    root = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
    )
    root.set("font-family", "ui-sans-serif, system-ui, sans-serif")
    root.set("font-size", "11")
    SubElement(root, "title").text = f"What passes in the network of {printable(matrix.name)}"
    SubElement(root, "rect", width="100%", height="100%", fill=_PAPER)
    _text(root, 8, _HEAD + 4, printable(matrix.name), weight="600")
    for column, target in enumerate(matrix.targets):
        x, y = left + column * _WIDTH + _WIDTH / 2, top - 6
        _text(root, x, y, names[target], transform=f"rotate(-45 {x:.1f} {y:.1f})")
    for row, source in enumerate(matrix.sources):
        y = top + row * _HEIGHT
        _text(root, left - 6, y + _HEIGHT * 0.68, names[source], anchor="end")
        for column, target in enumerate(matrix.targets):
            cell = matrix.cells.get((source, target))
            if cell is not None:
                _cell(root, cell, left + column * _WIDTH, y)
    _legend(root, 8, top + len(matrix.sources) * _HEIGHT + 14)
    return tostring(root, encoding="unicode") + "\n"


def _fitting(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _cell(root: Element, cell: Cell, x: float, y: float) -> None:
    group = SubElement(root, "g")
    shown = cell.blocked or cell.passing
    SubElement(
        group, "title"
    ).text = f"{printable(cell.source.name)} to {printable(cell.target.name)} {cell.state.value}"
    SubElement(
        group,
        "rect",
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=str(_WIDTH),
        height=str(_HEIGHT),
        fill=COLOURS[cell.state],
        stroke=_LINE,
    )
    if shown:
        text = short_ports(shown)
        _text(group, x + _WIDTH / 2, y + _HEIGHT * 0.68, text, anchor="middle", size="11" if len(text) < 7 else "8")


def _text(
    parent: Element,
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    transform: str = "",
    weight: str = "",
    size: str = "",
) -> None:
    element = SubElement(parent, "text", x=f"{x:.1f}", y=f"{y:.1f}", fill=_INK)
    for name, value in (
        ("text-anchor", anchor),
        ("transform", transform),
        ("font-weight", weight),
        ("font-size", size),
    ):
        if value and value != "start":
            element.set(name, value)
    element.text = text


def _legend(root: Element, x: float, y: float) -> None:
    for state in State:
        SubElement(
            root, "rect", x=f"{x:.1f}", y=f"{y:.1f}", width="12", height="12", fill=COLOURS[state], stroke="#d0d7de"
        )
        _text(root, x + 17, y + 10, state.value)
        x += 30 + len(state.value) * _LETTER


def dot(matrix: Matrix) -> str:
    """Write the connections that pass, or should, as a graph."""
    names = names_of(matrix)
    lines = [f"digraph {_quoted(matrix.name)} {{", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    used = {
        party: None
        for cell in matrix.cells.values()
        if cell.state is not State.CLOSED
        for party in (cell.source, cell.target)
    }
    lines += [f"  {_quoted(names[party])};" for party in used]
    styles = {State.MEANT: "", State.EXCESS: ", color=orange", State.BLOCKED: ", color=red, style=dashed"}
    for cell in matrix.of(*styles):
        label = short_ports(cell.blocked or cell.passing)
        lines.append(
            f"  {_quoted(names[cell.source])} -> {_quoted(names[cell.target])} [label={_quoted(label)}{styles[cell.state]}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
