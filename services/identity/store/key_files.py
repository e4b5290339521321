"""Files of keys: read again when they change, replaced whole, readable by their owner only."""

import json
import os
from collections.abc import Callable, Sequence
from fcntl import LOCK_EX, flock
from pathlib import Path
from time import monotonic
from typing import Any

import structlog

from services.identity.domain.keys import StagedKey, rotated
from shared.clock import Clock

log = structlog.get_logger()
LOOK_SECONDS = 5.0
FROM, UNTIL = "serves_from", "kept_until"


class KeyFile:
    """`{"keys": [{…, "serves_from": seconds, "kept_until": seconds}]}`; a key alone is a file of one."""

    def __init__(self, path: Path, look_every: float = LOOK_SECONDS) -> None:
        self._path = path
        self._look_every = look_every
        self._keys = read_keys(path)
        self._seen = _stamp(path)
        self._looked_at = monotonic()

    def present(self) -> Sequence[StagedKey]:
        """As the file has them, a few seconds ago at most; what it had before when it cannot be read."""
        if monotonic() - self._looked_at >= self._look_every:
            self._looked_at = monotonic()
            self._look()
        return self._keys

    def _look(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                self._keys, self._seen = read_keys(self._path), stamp
                log.info("keys_read_again", file=self._path.name, keys=len(self._keys))
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            log.error("keys_unreadable", file=self._path.name, error=type(error).__name__)


def read_keys(path: Path) -> tuple[StagedKey, ...]:
    content = json.loads(path.read_text())
    return tuple(_staged(one) for one in content.get("keys", [content]))


def rotate(
    path: Path, draw: Callable[[], dict[str, Any]], clock: Clock, *, lead: int, keep: int | None
) -> tuple[StagedKey, ...]:
    """What the file has now: see `domain.keys.rotated`. One at a time, whoever else does the same."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        keys = read_keys(path)
        changed = rotated(keys, draw(), now=int(clock().timestamp()), lead=lead, keep=keep)
        if changed != keys:
            _write(path, changed)
    return changed


def write_first(path: Path, draw: Callable[[], dict[str, Any]]) -> bool:
    """Create the file unless it is there; whether it was created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        json.dump({"keys": [draw()]}, file)
    return True


def _write(path: Path, keys: Sequence[StagedKey]) -> None:
    """At once: nobody reads half a file."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    # Containers read the file as another user: the new one is as readable as the former.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"keys": [_entry(key) for key in keys]}, file)
        os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
    draft.replace(path)


def _staged(entry: dict[str, Any]) -> StagedKey:
    content = {name: value for name, value in entry.items() if name not in (FROM, UNTIL)}
    return StagedKey(content=content, serves_from=entry.get(FROM, 0), kept_until=entry.get(UNTIL))


def _entry(key: StagedKey) -> dict[str, Any]:
    until = {} if key.kept_until is None else {UNTIL: key.kept_until}
    return {**key.content, FROM: key.serves_from, **until}


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size
