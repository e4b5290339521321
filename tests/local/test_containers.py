"""Containers: the same environment as on one machine, and images that hold one service's libraries only."""

import stat
from pathlib import Path

import pytest
import yaml

from deploy.docker import requirements_of
from deploy.local import containers, environment, ports
from deploy.local.environment import SERVICES, this_machine
from deploy.local.processes import ROOT, Failed
from deploy.local.secrets import Secrets

SECRETS = Secrets(b"0" * 32)
NUMBERS = ports.chosen({})
COMPOSE = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
PROJECT = requirements_of.tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = requirements_of.read_lock((ROOT / "requirements.lock").read_text())


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_reads_the_same_variables_as_a_process_here(service):
    here = environment.of_service(service, this_machine(NUMBERS, Path("/data")), SECRETS)
    there = environment.of_service(service, containers.in_containers(NUMBERS), SECRETS)
    assert there.keys() == here.keys()
    assert f"{service.upper()}_HTTP_HOST" in there


@pytest.mark.parametrize("service", [*SERVICES, "sandbox"])
def test_compose_runs_every_part_from_its_own_image(service):
    part = COMPOSE["services"][service]
    assert part["build"]["args"] == {"SERVICE": service}
    assert part["build"]["dockerfile"] == "deploy/docker/Dockerfile"
    assert part["env_file"] == f"${{PREAU_FOLDER}}/{service}.env"
    assert part["read_only"]
    assert part["cap_drop"] == ["ALL"]


def test_compose_opens_no_port_to_other_machines():
    published = [port for part in COMPOSE["services"].values() for port in part.get("ports", [])]
    assert len(published) == 8
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_what_compose_reads_is_written_for_its_owner_only(tmp_path):
    folder = containers.folder_of({"PREAU_STATE": str(tmp_path)})
    containers.write_files(folder, NUMBERS, SECRETS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.stem for path in folder.glob("*.env")} == {*SERVICES, "sandbox"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.env")} == {0o600}
    assert "BILLING_MONGO_URL=mongodb://billing:" in (folder / "billing.env").read_text()


def test_without_an_engine_it_says_so(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(Failed, match="No Docker engine"):
        containers.refuse_without_engine()


@pytest.mark.parametrize("service", [*SERVICES, "sandbox"])
def test_an_image_holds_what_its_service_names_and_no_test_tool(service):
    wanted = requirements_of.wanted(PROJECT, service)
    used = requirements_of.used(wanted, LOCK)
    assert wanted <= used
    assert {"aiohttp", "yarl", "pymongo"} <= used
    assert not used & {"pytest", "mypy", "playwright", "testcontainers"}


def test_only_billing_carries_the_payment_library():
    carrying = [s for s in SERVICES if "eopayment" in requirements_of.used(requirements_of.wanted(PROJECT, s), LOCK)]
    assert carrying == ["billing"]


def test_an_entry_of_the_lock_keeps_its_hashes():
    assert LOCK["aiohttp"].count("--hash=sha256:") > 10
