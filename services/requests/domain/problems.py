"""How a form says what is wrong with it."""

from typing import Any, TypeAlias

Problem: TypeAlias = tuple[str, str, dict[str, Any]]
"""(path, msgid, facts)."""


def at(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
