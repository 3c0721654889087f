"""HTTP as it is written on a connection: bodies in, texts out."""

from __future__ import annotations

import asyncio

LARGEST_BODY = 4 * 1024 * 1024


async def write(writer: asyncio.StreamWriter, text: str, *, last: bool = False) -> bool:
    """Send a text, the last of a connection or not; give whether it goes on."""
    writer.write(text.encode("latin-1"))
    await writer.drain()
    if last:
        writer.write_eof()
        await asyncio.sleep(0.002)
    return not last


async def body_of(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """Read a request's body, by its length or in chunks (RFC 9112, 6 and 7). Raises ValueError for one that is none, or too large."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        parts: list[bytes] = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            if size + sum(map(len, parts)) > LARGEST_BODY:
                raise ValueError("too large")
            parts.append(await reader.readexactly(size))
            await reader.readline()
        while (await reader.readline()).strip():
            pass
        return b"".join(parts)
    length = int(headers.get("content-length", "0"))
    if length > LARGEST_BODY:
        raise ValueError("too large")
    return await reader.readexactly(length)
