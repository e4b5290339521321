"""Print the part of requirements.lock that one service uses: python requirements_of.py billing

Reads the two files beside it or in the working folder, and nothing else: the lock's own "via" notes say who needs what.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

EXTRAS_OF_ALL = ("telemetry",)
# The stand-ins are no service: what they use is in this group.
GROUPS = {"sandbox": "local"}
ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def main() -> None:
    service = sys.argv[1]
    project = tomllib.loads(Path("pyproject.toml").read_text())
    entries = read_lock(Path("requirements.lock").read_text())
    sys.stdout.write("".join(entries[name] for name in sorted(used(wanted(project, service), entries))))


def read_lock(text: str) -> dict[str, str]:
    """Each pinned entry with its hashes and notes, by name."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if found := ENTRY.match(line):
            name = found["name"]
            entries[name] = ""
        entries[name] += line
    return entries


def wanted(project: dict[str, Any], service: str) -> set[str]:
    """What pyproject.toml names for that service."""
    extras = project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    lines = list(project["project"]["dependencies"])
    for extra in (*EXTRAS_OF_ALL, service):
        lines += extras.get(extra, [])
    lines += groups.get(GROUPS.get(service, ""), [])
    return {normal(line) for line in lines}


def normal(requirement: str) -> str:
    if not (found := NAME.match(requirement)):
        raise ValueError(f"no name in {requirement!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def used(names: set[str], entries: dict[str, str]) -> set[str]:
    """Those, what they need, and what that needs."""
    parents = {name: parents_of(entry) for name, entry in entries.items()}
    found = set(names)
    while more := {name for name, needing in parents.items() if name not in found and needing & found}:
        found |= more
    return found


def parents_of(entry: str) -> set[str]:
    notes = [line.strip().lstrip("#").strip() for line in entry.splitlines() if line.strip().startswith("#")]
    return {note.removeprefix("via").strip() for note in notes}


if __name__ == "__main__":
    main()
