"""Objects as a cluster's API gives them: `kubectl get -o json`, kept in a file."""

from __future__ import annotations

import json
from pathlib import Path

from policies.errors import UsageError
from policies.read.documents import ApiOrigin, Document, expand, value_at

MAXIMUM_BYTES = 512 * 1024 * 1024


def read_objects(file: Path) -> tuple[Document, ...]:
    """Read what `kubectl get KINDS --all-namespaces -o json` printed, one JSON value or several.

    Raises UsageError where the file is missing, is not that, or holds no object: nothing found is no pass.
    """
    try:
        if file.stat().st_size > MAXIMUM_BYTES:
            raise UsageError(f"{file} is larger than {MAXIMUM_BYTES:,} bytes; ask kubectl for fewer kinds")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8; write it by 'kubectl get ... -o json > FILE'") from None
    decoder = json.JSONDecoder()
    documents: list[Document] = []
    position = 0
    try:
        while (position := _next(text, position)) < len(text):
            value, position = decoder.raw_decode(text, position)
            for _, body in expand(value):
                documents.append(
                    Document(
                        body,
                        ApiOrigin(
                            str(body["kind"]),
                            *(str(value_at(body, ("metadata", key)) or "") for key in ("namespace", "name")),
                        ),
                    )
                )
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not what 'kubectl get -o json' prints: {error}") from None
    if not documents:
        raise UsageError(f"{file} holds no object; was the right namespace asked for?")
    return tuple(documents)


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
