"""The whole launcher, for real: everything starts, is held against its invariants, stops, and leaves nothing."""

import json
import os
import subprocess
import sys

import psutil
import pytest

from deploy.local import ports
from deploy.local.processes import ROOT
from tests.local.watching import left_over, started_by

PATIENCE = 180


class Launcher:
    """`python -m deploy.local` with a state folder, data and ports of its own."""

    def __init__(self, folder):
        self.state, self.data = folder / "state", folder / "data"
        own_ports = {ports.variable(name): "0" for name in ports.NEEDS}
        self.variables = {**os.environ, **own_ports, "PREAU_STATE": str(self.state), "PREAU_DATA": str(self.data)}

    def command(self, *words, **variables):
        """What it printed, and its exit status."""
        answer = subprocess.run(
            [sys.executable, "-m", "deploy.local", *words],
            cwd=ROOT,
            env={**self.variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return answer.stdout, answer.returncode

    @property
    def pid(self):
        return json.loads((self.state / "run.json").read_text())["pid"]


@pytest.fixture
def launcher(tmp_path):
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.command("stop")


def test_everything_starts_holds_its_invariants_stops_and_leaves_nothing(launcher):
    printed, status = launcher.command("run", "--detach")
    assert status == 0, printed
    assert "sainte-aurore" in printed
    found = started_by(launcher.pid)
    assert launcher.command("run")[1] == 1
    assert "already runs" in launcher.command("run")[0]
    assert launcher.command("status")[1] == 0
    printed, status = launcher.command("check")
    assert status == 0, printed
    assert launcher.command("stop") == ("Préau is stopped.\n", 0)
    assert left_over(found) == []


def test_killing_the_launcher_leaves_nothing_and_its_data_serves_again(launcher):
    assert launcher.command("run", "--detach")[1] == 0
    found = started_by(launcher.pid)
    assert {"mongod", "beam.smp", "epmd"} <= {each.name() for each in found}
    psutil.Process(launcher.pid).kill()
    assert left_over(found) == []
    assert launcher.command("status")[1] == 1
    printed, status = launcher.command("run", "--detach")
    assert status == 0, printed


def test_a_taken_port_is_one_sentence_and_starts_nothing(launcher):
    (taken,) = ports.free(1)
    printed, status = launcher.command("run", PREAU_PORT_PORTAL=str(taken), PREAU_PORT_GATEWAY=str(taken))
    assert status == 1
    assert printed == f"Port {taken} is given to the portal and to the gateway: change PREAU_PORT_GATEWAY.\n"
    assert not launcher.data.exists()


def test_without_a_run_the_commands_about_it_say_so(launcher):
    for command, expected in (("status", 1), ("check", 1), ("stop", 0)):
        printed, status = launcher.command(command)
        assert "does not run from here" in printed
        assert status == expected
