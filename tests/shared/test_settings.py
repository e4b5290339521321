"""Settings: read once from the environment, and never misread in silence."""

from importlib import import_module

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings, UnknownSetting

NEEDED = {"HTTP_PORT": "8101", "JWKS_URL": "http://x/jwks", "MONGO_URL": "m", "MONGO_DATABASE": "d", "AMQP_URL": "a"}
SERVICES = ("identity", "reservations", "billing", "notifications", "requests", "partners", "gateway", "portal")


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(frozen=True, env_prefix="TRIED_")

    colour: str = "blue"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NEEDED.items():
        monkeypatch.setenv(f"TRIED_{name}", value)
    return monkeypatch


def test_what_is_set_is_read_and_the_rest_has_its_default(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRIED_COLOUR", "red")

    settings = Settings()

    assert (settings.http_port, settings.colour, settings.http_host) == (8101, "red", "127.0.0.1")


def test_a_misspelt_variable_is_refused_by_its_name(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRIED_COLOR", "red")

    with pytest.raises((UnknownSetting, ValidationError), match="TRIED_COLOR"):
        Settings()


def test_other_programs_variables_are_left_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRIEDANDTRUE_COLOR", "red")
    environment.setenv("UNTRIED_COLOR", "red")

    assert Settings().colour == "blue"


@pytest.mark.parametrize("missing", NEEDED)
def test_a_missing_variable_is_refused(environment: pytest.MonkeyPatch, missing: str) -> None:
    environment.delenv(f"TRIED_{missing}")

    with pytest.raises(ValidationError, match=missing.lower()):
        Settings()


def test_a_value_of_the_wrong_kind_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TRIED_HTTP_PORT", "http")

    with pytest.raises(ValidationError, match="http_port"):
        Settings()


def test_settings_do_not_change_once_read(environment: pytest.MonkeyPatch) -> None:
    settings = Settings()

    with pytest.raises(ValidationError):
        settings.colour = "red"  # type: ignore[misc]  # what must not work


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_own_prefix(service: str) -> None:
    settings = import_module(f"services.{service}.settings").Settings

    assert settings.model_config["env_prefix"] == f"{service.upper()}_"
