"""The data folder of a run: a temporary one, removed at the end, or `PREAU_DATA`, kept between runs."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

VARIABLE = "PREAU_DATA"
TEMPORARY = "preau-"


class Held(Exception):
    """Another process holds that folder."""


@dataclass(frozen=True)
class DataFolder:
    path: Path
    kept: bool

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


@contextmanager
def opened(environment: Mapping[str, str]) -> Iterator[DataFolder]:
    """The folder for as long as the block runs. Raises `Held` when another run uses it.

    After a failure a temporary folder stays, with its logs, until the next run.
    """
    chosen = environment.get(VARIABLE)
    path = Path(chosen).expanduser().resolve() if chosen else Path(tempfile.mkdtemp(prefix=TEMPORARY))
    folder = DataFolder(path, kept=bool(chosen))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with held(path):
        folder.logs.mkdir(mode=0o700, exist_ok=True)
        try:
            yield folder
        except Exception:
            raise
        except BaseException:
            _remove_temporary(folder)
            raise
    _remove_temporary(folder)


def _remove_temporary(folder: DataFolder) -> None:
    if not folder.kept:
        shutil.rmtree(folder.path, ignore_errors=True)


def sweep(path: Path) -> None:
    """Remove the temporary folder a killed run left behind; a folder somebody asked for is never touched."""
    if path.name.startswith(TEMPORARY) and path.parent == Path(tempfile.gettempdir()):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes out of the folder; the kernel lets go when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        raise Held(f"Another run uses {folder}.") from None


def is_held(folder: Path) -> bool:
    if not (folder / "lock").exists():
        return False
    try:
        with held(folder):
            return False
    except Held:
        return True
