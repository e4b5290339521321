"""Whether a contract may become another within its version.

Both ways must hold: who knows the old one reads what the new one tells, and the new code reads what was told before.
So fields are only added, and only optional ones; nothing that is there changes its meaning or its kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any

# Words for people: they may change.
PROSE = {"title", "description", "examples"}


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What an old reader or an old message would stumble over; empty when nothing."""
    found = list(_object_breaks("", old, new))
    if old.get("x-exchange") != new.get("x-exchange"):
        found.append(f"it moved from {old.get('x-exchange')} to {new.get('x-exchange')}")
    for name, part in old.get("$defs", {}).items():
        if name not in new.get("$defs", {}):
            found.append(f"{name} is gone")
        elif "properties" in part:
            found += _object_breaks(f"{name}.", part, new["$defs"][name])
        elif _meaning(part) != _meaning(new["$defs"][name]):
            found.append(f"{name} changed")
    return found


def _object_breaks(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name, shape in before.items():
        if name not in after:
            yield f"{where}{name} is gone"
        elif _meaning(shape) != _meaning(after[name]):
            yield f"{where}{name} changed"
    for name in sorted((needed_before - needed_after) & set(after)):
        yield f"{where}{name} is no longer always there"
    for name in sorted(needed_after - needed_before):
        yield f"{where}{name} was not there before and is needed now"


def _meaning(shape: Any) -> Any:
    """A shape without its prose."""
    if isinstance(shape, Mapping):
        return {name: _meaning(inner) for name, inner in shape.items() if name not in PROSE}
    if isinstance(shape, list):
        return [_meaning(inner) for inner in shape]
    return shape
