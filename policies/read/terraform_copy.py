"""The copy of a platform's Terraform that is evaluated: what is not known before it is applied has a stand-in there.

Without it tfparse drops what it does not know: `"x-${var.unset}"` becomes `x-`, and one unknown value empties a whole `jsonencode`. A stand-in
goes through functions, templates and modules, so that each value tells what it is made from. It reads `⟦IDENTITY|ADDRESS|PATH⟧`; the identity is
that of a data source of ours in the same instance of the module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.read.hcl import Declaration, Expression, Source
from policies.read.terraform_edits import Edit, apply, insert
from policies.read.terraform_samples import give_value
from policies.read.terraform_scope import is_local, string
from policies.read.terraform_wanted import Wanted, expressions, find_wanted, spell_value

FILE = "turnstile-stand-ins.tf"
HERE = "turnstile"
STAND_IN = re.compile(r"⟦([^⟦⟧|]*)\|([^⟦⟧|]*)\|([^⟦⟧|]*)⟧", re.IGNORECASE)
PROBE = "turnstile_probe_"
"""Attributes and locals of ours begin so: what a loop goes over, whether a file was read."""

RENAMED = "turnstile_output_"
"""An output that has the name of an input of its module: tfparse gives the input for `module.NAME.OUTPUT`."""


OWN_ID = "turnstile_own_id"
"""An attribute `id` that is written down: tfparse puts an identity of its own in its place."""


@dataclass
class Folder:
    """A folder of the copy: new texts of its files, for each of their lines the platform's own, and what stands for what."""

    files: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    added: dict[Declaration, frozenset[str]] = field(default_factory=dict)
    probes: dict[Declaration, str] = field(default_factory=dict)
    file_probes: dict[str, str] = field(default_factory=dict)


def rewrite(
    folder: str,
    sources: tuple[Source, ...],
    loose: frozenset[str],
    relaxed: frozenset[str],
    unset: frozenset[str],
    renamed: Mapping[str, frozenset[str]],
    own_renamed: frozenset[str],
    forbidden: Mapping[Expression, list[tuple[int, int]]],
    cut: frozenset[tuple[str, int]],
) -> Folder:
    """Rewrite the files of a folder.

    `relaxed` are variables that get what is not known and so may be of any type, `unset` those without a value; `renamed` are by module call, and
    `own_renamed` here, the outputs that are called as an input is; `forbidden` are the file functions that are not called, by where their names
    stand; `cut` are module calls, by file and line, that are not followed.
    """
    made = Folder()
    blocks = [block for source in sources for block in source.body.blocks]
    declared = {address: block for block in blocks if (address := _address(block))}
    wanted = find_wanted(blocks, declared)
    edits: dict[str, list[Edit]] = {source.file: [] for source in sources}
    inside = _Inside(renamed, forbidden)
    for source in sources:
        for block in source.body.blocks:
            edit = edits[source.file]
            address = _address(block)
            if address:
                followed = is_local(string(block.attributes.get("source"))) and (block.file, block.line) not in cut
                if block.type != "module" or not followed:
                    names = renamed.get(block.labels[0], frozenset()) if block.type == "module" else frozenset()
                    edit += _stand_ins(made, block, address, wanted, loose, names)
            edit += _dynamic_probes(made, block, inside)
            if block.type == "variable" and len(block.labels) == 1:
                edit += give_value(block, block.labels[0] in relaxed, block.labels[0] in unset)
            if block.type == "module" and (block.file, block.line) in cut and "source" in block.attributes:
                expression = block.attributes["source"]
                edit.append(Edit(expression.start, expression.start + len(expression.text), '"turnstile/nothing/none"'))
            if block.type == "output" and len(block.labels) == 1 and block.labels[0] in own_renamed:
                label = re.compile(r'output\s*"?' + re.escape(block.labels[0]) + r'"?\s*\{\Z').search(
                    source.text[: block.start]
                )
                if label:
                    edit.append(Edit(label.start(), label.end(), f'output "{RENAMED}{block.labels[0]}" {{'))
        for expression, _ in expressions(source.body.blocks):
            edits[source.file] += inside.edits(expression)
    loops = []
    for number, block in enumerate(declared.values()):
        if "for_each" in block.attributes:
            made.probes[block] = f"{PROBE}{number}"
            loops.append(f"  {PROBE}{number} = {inside.text(block.attributes['for_each'])}\n")
    for number, source in enumerate(sources):
        made.file_probes[source.file] = f"{PROBE}file_{number}"
        text, lines = apply(source.text, edits[source.file])
        made.files[source.file] = f"{text}\nlocals {{\n  {PROBE}file_{number} = true\n}}\n"
        made.lines[source.file] = [*lines, *([lines[-1]] * 5)]
    own = f"{folder}/{FILE}" if folder != "." else FILE
    made.files[own] = f'data "{HERE}" "here" {{\n}}\nlocals {{\n{"".join(loops)}}}\n'
    return made


def _address(block: Declaration) -> str:
    if block.type == "resource" and len(block.labels) == 2:
        return ".".join(block.labels)
    if block.type in ("data", "module") and len(block.labels) == (2 if block.type == "data" else 1):
        return ".".join((block.type, *block.labels))
    return ""


def _stand_ins(
    made: Folder, block: Declaration, address: str, wanted: Wanted, loose: frozenset[str], renamed: frozenset[str]
) -> list[Edit]:
    there = {*block.attributes, *(inner.type for inner in block.blocks), "id"}
    there |= {inner.labels[0] for inner in block.blocks if inner.type == "dynamic" and inner.labels}
    there -= renamed
    given: set[str] = set()
    edits: list[Edit] = []
    by_name: dict[str, set[tuple[str | int | None, ...]]] = {}
    for path in wanted.paths.get(address, ()):
        by_name.setdefault(str(path[0]), set()).add(path[1:])
    if address in wanted.whole:
        for name in (loose | wanted.loose) - by_name.keys():
            by_name[name] = {()}
    for inner in block.blocks:
        if inner.type in by_name and inner.type not in given:
            given.add(inner.type)
            inside: dict[str, set[tuple[str | int | None, ...]]] = {}
            for path in by_name[inner.type]:
                steps = path[1:] if path and not isinstance(path[0], str) else path
                if (
                    steps
                    and isinstance(steps[0], str)
                    and steps[0] not in {*inner.attributes, "id", *(one.type for one in inner.blocks)}
                ):
                    inside.setdefault(steps[0], set()).add(steps[1:])
            edits += insert(inner, _lines(block, address, f"{inner.type}[0].", inside))
            made.added[inner] = frozenset(inside)
    lines = _lines(block, address, "", {name: paths for name, paths in by_name.items() if name not in there}, renamed)
    made.added[block] = frozenset(by_name) - there - block.attributes.keys()
    return [*edits, *insert(block, lines)]


def _lines(
    block: Declaration, address: str, prefix: str, wanted: Mapping[str, set[tuple[str | int | None, ...]]],
    renamed: frozenset[str] = frozenset(),
) -> list[str]:  # fmt: skip
    index = (
        "[${count.index}]" if "count" in block.attributes else "[${each.key}]" if "for_each" in block.attributes else ""
    )
    lines = []
    for name, paths in sorted(wanted.items()):
        if re.fullmatch(r"[^\W\d][\w-]*", name):
            stand_in = f"⟦${{data.{HERE}.here.id}}|{address}{index}|{prefix}{name}%s⟧"
            lines.append(f"{RENAMED if name in renamed else ''}{name} = {spell_value(paths, stand_in)}")
    return lines


def _dynamic_probes(made: Folder, block: Declaration, inside: _Inside) -> list[Edit]:
    edits = []
    pending = [block]
    while pending:
        outer = pending.pop()
        pending += outer.blocks
        lines = []
        for number, inner in enumerate(outer.blocks):
            if inner.type == "dynamic" and inner.labels and "for_each" in inner.attributes:
                made.probes[inner] = f"{PROBE}dynamic_{number}"
                loop = inner.attributes["for_each"]
                text = inside.text(loop)
                lines.append(f"{PROBE}dynamic_{number} = {text}")
                # tfparse dies of a block that is repeated over what is no collection.
                safe = f"try([for turnstile in {text} : 1] == null ? null : {text}, [])\n"
                edits.append(Edit(loop.start, loop.start + len(loop.text), safe))
        if lines:
            # tfparse loses a dynamic block behind which others stand that are not: one of ours is the last.
            lines.append(f'dynamic "{PROBE}last" {{\n  for_each = [1]\n  content {{\n    there = true\n  }}\n}}')
        if "id" in outer.attributes:
            lines.append(f"{OWN_ID} = {inside.text(outer.attributes['id'])}")
        edits += insert(outer, lines)
    return edits


@dataclass(frozen=True)
class _Inside:
    """What is rewritten within expressions: outputs that have another name, and functions that are not called."""

    renamed: Mapping[str, frozenset[str]]
    forbidden: Mapping[Expression, list[tuple[int, int]]]

    def edits(self, expression: Expression, origin: int | None = None) -> list[Edit]:
        """Give the changes to an expression that begins at `origin`, or where it stands in its file."""
        at = expression.start if origin is None else origin
        made = [Edit(at + start, at + end, "turnstile_none") for start, end in self.forbidden.get(expression, ())]
        for call, outputs in self.renamed.items() if "module" in expression.code else ():
            names = "|".join(sorted(map(re.escape, outputs)))
            index = r"\s*(?:\[[^\[\]]*\]|\.\s*\*)?\s*"
            pattern = rf"(?<![\w.-])module\s*\.\s*{re.escape(call)}{index}\.\s*({names})(?![\w-])"
            for found in re.finditer(pattern, expression.code) if outputs else ():
                made.append(Edit(at + found.start(1), at + found.end(1), RENAMED + found[1]))
        return made

    def text(self, expression: Expression) -> str:
        """Give an expression as it is in the copy, in parentheses."""
        return f"({apply(expression.text, self.edits(expression, 0))[0].rstrip()}\n)"
