"""One installation: its data folder, where its parts are, its secrets."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import data, ports, secrets
from deploy.local.data import DataFolder
from deploy.local.environment import Place, this_machine
from deploy.local.running import Running, State
from deploy.local.secrets import Secrets


@dataclass(frozen=True)
class Installation:
    folder: DataFolder
    place: Place
    secrets: Secrets


@contextmanager
def opened(variables: Mapping[str, str], state: State) -> Iterator[Installation]:
    """An installation nobody else runs, on ports nobody else uses.

    Raises `Held` or `PortRefused`, each with a sentence for the person who starts it.
    """
    numbers = ports.chosen(variables)
    with data.held(state.folder):
        ports.refuse_taken(numbers)
        if left := state.written():
            data.sweep(Path(left.data))
        with data.opened(variables) as folder:
            yield Installation(folder, this_machine(numbers, folder.path), secrets.kept_in(folder.path))


def of_running(running: Running) -> tuple[Place, Secrets]:
    """Place and secrets of a run that is up."""
    folder = Path(running.data)
    return this_machine(running.ports, folder), secrets.kept_in(folder)
