"""Changes to the text of a file of Terraform, which keep in mind where each line was before."""

from __future__ import annotations

from dataclasses import dataclass

from policies.read.hcl import Declaration


@dataclass(frozen=True, slots=True)
class Edit:
    """Text of a file that is replaced by other text."""

    start: int
    end: int
    text: str


def insert(block: Declaration, lines: list[str]) -> list[Edit]:
    """Put lines at the end of a block."""
    if not lines:
        return []
    # A block on one line may hold one attribute only.
    first = [Edit(block.start, block.start, "\n")] if block.line == block.last_line else []
    return [*first, Edit(block.end, block.end, "\n" + "\n".join(lines) + "\n")]


def apply(text: str, edits: list[Edit]) -> tuple[str, list[int]]:
    """Give the new text, and for each of its lines (from 1; at 0 stands 1) the line of the old one."""
    pieces: list[str] = []
    lines, line, last = [1, 1], 1, 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < last:
            continue  # in a text that is replaced as a whole
        kept = text[last : edit.start]
        for _ in range(kept.count("\n")):
            line += 1
            lines.append(line)
        lines += [line] * edit.text.count("\n")
        line += text.count("\n", edit.start, edit.end)
        pieces += [kept, edit.text]
        last = edit.end
    for _ in range(text.count("\n", last)):
        line += 1
        lines.append(line)
    return "".join((*pieces, text[last:])), lines
