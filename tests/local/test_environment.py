"""The environment table: every service gets what its settings read, and nobody else's secrets."""

import os
import re
from importlib import import_module
from pathlib import Path

import pytest

from deploy.local import environment, ports, rights
from deploy.local.containers import in_containers
from deploy.local.environment import DOMAIN, KEEPING, SERVICES, this_machine
from deploy.local.secrets import Secrets
from deploy.sandbox.settings import Settings as SandboxSettings

SECRETS = Secrets(b"0" * 32)
PLACE = this_machine(ports.chosen({}), Path("/data"))


def table_of(service: str) -> dict[str, str]:
    return environment.of_service(service, PLACE, SECRETS)


def read_by(service: str, table: dict[str, str]):
    settings = import_module(f"services.{service}.settings")
    with environment.applied(environment.of_process(service, table)):
        return settings.Settings()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_with_its_table_alone(service):
    settings = read_by(service, table_of(service))
    assert settings.http_port == PLACE.ports[service]


@pytest.mark.parametrize("service", DOMAIN)
def test_migrating_is_the_same_with_the_rights_to_change_and_declare(service):
    migrating = read_by(service, environment.to_migrate(service, PLACE, SECRETS))
    running = read_by(service, table_of(service))
    rights = {"mongo_url": migrating.mongo_url, "amqp_admin_url": migrating.amqp_admin_url}
    assert migrating == running.model_copy(update=rights)
    assert f"://{service}-migrations:" in migrating.mongo_url
    assert "://admin:" in migrating.amqp_admin_url


def test_the_sandbox_starts_with_its_table_alone():
    with environment.applied(environment.of_process("sandbox", environment.of_sandbox(PLACE, SECRETS))):
        settings = SandboxSettings()
    assert (settings.mail_port, settings.smtp_port, settings.payment_port) == (8025, 8026, 8090)
    assert settings.franceconnect_port == 8092


def test_identity_and_the_franceconnect_stand_in_know_each_other_by_the_same_words():
    with environment.applied(environment.of_process("sandbox", environment.of_sandbox(PLACE, SECRETS))):
        sandbox = SandboxSettings()
    identity = read_by("identity", table_of("identity"))
    assert identity.franceconnect_issuer == f"{sandbox.franceconnect_public_url}/api/v2"
    assert identity.franceconnect_client_id == sandbox.franceconnect_client_id
    assert sandbox.franceconnect_callback == f"{identity.public_url}/oauth/franceconnect/callback"
    assert sandbox.franceconnect_signed_out == f"{identity.public_url}/oauth/franceconnect/signed-out"


def test_in_containers_there_is_no_franceconnect(tmp_path):
    place = in_containers(ports.chosen({}))
    settings = read_by("identity", environment.of_service("identity", place, SECRETS))
    assert settings.franceconnect_issuer == ""


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_no_other_services_password(service):
    others = {*KEEPING, "admin"} - {service}
    foreign = [SECRETS.of(kind, other) for kind in ("mongo", "amqp") for other in others]
    assert not [value for value in table_of(service).values() if any(secret in value for secret in foreign)]


def test_a_variable_set_by_hand_wins(monkeypatch):
    monkeypatch.setenv("BILLING_LOG_LEVEL", "DEBUG")
    assert environment.of_process("billing", table_of("billing"))["BILLING_LOG_LEVEL"] == "DEBUG"


def test_a_process_does_not_inherit_another_services_variables(monkeypatch):
    monkeypatch.setenv("IDENTITY_MONGO_URL", "mongodb://elsewhere")
    assert "IDENTITY_MONGO_URL" not in environment.of_process("billing", table_of("billing"))


def test_the_certificates_of_the_requests_library_are_not_taken_for_a_setting(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/certificates")
    assert "REQUESTS_CA_BUNDLE" not in environment.of_process("requests", table_of("requests"))
    assert environment.of_process("billing", table_of("billing"))["REQUESTS_CA_BUNDLE"] == "/certificates"


def test_reading_settings_leaves_the_environment_as_it_was():
    before = dict(os.environ)
    with environment.applied({"ONLY": "this"}):
        assert dict(os.environ) == {"ONLY": "this"}
    assert dict(os.environ) == before


def test_a_service_publishes_to_the_house_and_reads_its_own_queues_only():
    users = {user.name: user for user in rights.broker_plan(SECRETS).users}
    billing = users["billing"]
    assert billing.configure == "^$"
    assert re.search(billing.write, "preau.events")
    assert not re.search(billing.write, "amq.default")
    assert not re.search(billing.write, "billing.events")
    assert re.search(billing.read, "billing.events")
    assert not re.search(billing.read, "identity.events")


def test_the_gateway_reads_the_log_and_nothing_else_and_publishes_nothing():
    users = {user.name: user for user in rights.broker_plan(SECRETS).users}
    gateway = users["gateway"]
    assert (gateway.configure, gateway.write) == ("^$", "^$")
    assert re.search(gateway.read, "preau.log")
    assert not [name for name in ("preau.logs", "preau.events", "billing.events") if re.search(gateway.read, name)]
