#!/usr/bin/env python3
"""Checks the environment files that the overlays are made from; needs nothing but Python.

A key that stands twice in a file says two things, and which one wins depends on the reader. A placeholder in a config file is a
value that nobody has filled in; in an example of secrets anything else is a secret that everybody has. Prints FILE:LINE for each
finding and exits with 1; with 0 when there is none.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "k8s"
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
PLACEHOLDER = re.compile(r"(?i)change[-_ ]?me|replace[-_ ]?(me|this)|place-?_?holder|\byour[-_ ]|^your_|example\.(com|org|net)|todo|fixme|\btbd\b|x{3,}|^<.*>$|\$\{")


def findings(path, is_example):
    """Yield line number and text of what is wrong with a file."""
    seen = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, separator, value = line.partition("=")
        if not separator or not KEY.match(key):
            yield number, "is not KEY=value"
            continue
        if key in seen:
            yield number, f"{key} stands here again, first on line {seen[key]}"
        seen.setdefault(key, number)
        if is_example and value.strip() and not PLACEHOLDER.search(value):
            yield number, f"{key} has a value, and an example may only hold its place"
        if not is_example and (not value.strip() or PLACEHOLDER.search(value)):
            yield number, f"{key} was not filled in"


def main():
    """Check every file; the real secrets, which are on some machines only, for their keys as well."""
    files = sorted([*ROOT.rglob("*.env"), *ROOT.rglob("*.env.example")])
    if not files:
        print(f"{ROOT}: there is no environment file to check", file=sys.stderr)
        return 1
    found = [f"{path.relative_to(ROOT.parent)}:{number}: {text}" for path in files for number, text in findings(path, path.suffix == ".example")]
    print("\n".join(found) if found else f"{len(files)} environment files, each key once, no placeholder where a value belongs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
