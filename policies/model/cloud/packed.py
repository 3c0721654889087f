"""What a function's package is packed of, as far as Terraform says it: `archive_file` packs a folder, a file, or contents one by one.

registry.terraform.io/providers/hashicorp/archive, "archive_file": `source` has the name in the archive and its content.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from policies.read.terraform import Block
from policies.read.terraform_texts import FileRead, file_read


@dataclass(frozen=True)
class Content:
    """A file of an archive: its name there, None where that is not known, and what it is read from; `text` is what is known of it otherwise."""

    name: str | None
    read: FileRead | None
    text: str | None = None


def archives(function: Block) -> tuple[Block, ...]:
    """Give the archives that a function's package is."""
    return tuple(one for one in function.refers_to("filename") if one.type == "archive_file")


def contents(archive: Block) -> Iterator[Content]:
    """Yield the contents that an archive states one by one."""
    inline = [archive] if archive.get("source_content_filename") is not None else []
    for block in (*archive.blocks("source"), *inline):
        name = block.get("filename" if block is not archive else "source_content_filename")
        attribute = "content" if block is not archive else "source_content"
        text = block.get(attribute)
        yield Content(
            name if isinstance(name, str) else None,
            file_read(block, attribute),
            text if isinstance(text, str) else None,
        )


def stated_paths(block: Block, *names: str) -> list[str | None]:
    """Give the paths in the platform that attributes state, None for each that is not known."""
    found = [value for name in names if (value := block.get(name)) is not None]
    return [
        posixpath.normpath(posixpath.join(block.root.folder, one)) if isinstance(one, str) and "${" not in one else None
        for one in found
    ]
