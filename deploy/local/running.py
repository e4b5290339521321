"""What is known about the Préau that runs from this checkout: who, where, and whether it is ready."""

import json
import os
import select
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local import data
from deploy.local.processes import ROOT
from deploy.local.secrets import write_privately

VARIABLE = "PREAU_STATE"
STOP_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Running:
    """One run. `addresses`: public URL of each part; `ports`: of every part, the database and the broker included."""

    pid: int
    data: str
    ready: bool
    addresses: Mapping[str, str]
    ports: Mapping[str, int]


class State:
    """The folder `.preau` of this checkout, or `PREAU_STATE`; whoever holds it is the one run."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.folder = Path(environment.get(VARIABLE, ROOT / ".preau")).resolve()
        self.log = self.folder / "run.log"
        self._file = self.folder / "run.json"

    def write(self, running: Running) -> None:
        write_privately(self._file, json.dumps(asdict(running)).encode())

    def written(self) -> Running | None:
        """What was last written, alive or not."""
        try:
            return Running(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None

    def running(self) -> Running | None:
        """The run that is up, if one is."""
        return self.written() if data.is_held(self.folder) else None


def stop(running: Running) -> bool:
    """Ask that run to stop; True once it is gone with everything it started."""
    try:
        process = os.pidfd_open(running.pid)
    except ProcessLookupError:
        return True
    try:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(process, signal.SIGTERM)
        gone, _, _ = select.select([process], [], [], STOP_SECONDS)
        return bool(gone)
    finally:
        os.close(process)
