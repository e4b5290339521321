"""The loader against a gateway that plays its part and the sandbox's own mail page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestServer

from deploy.sample.api import LoadFailed
from deploy.sample.load import (
    FOLDER,
    TOWNS,
    DemoLogin,
    SampleTown,
    equip_agents,
    load_towns,
    read_activation_codes,
    read_town,
)
from deploy.sandbox.mail import http as mail_http
from deploy.sandbox.mail.inbox import Inbox
from tests.sample.fake_gateway import REGISTRABLE, FakeGateway, code_of, codes_of

pytestmark = pytest.mark.enable_socket

MANAGER_CODES = {"sainte-aurore": "MANAGERAAA", "le-val-dore": "MANAGERVVV"}


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway(inbox=Inbox(lambda: datetime(2026, 11, 20, tzinfo=UTC)))


@pytest.fixture
async def urls(gateway: FakeGateway) -> AsyncIterator[tuple[str, str]]:
    async with TestServer(gateway.app()) as api, TestServer(mail_http.build(gateway.inbox)) as mail:
        yield str(api.make_url("")).rstrip("/"), str(mail.make_url("")).rstrip("/")


def towns() -> list[SampleTown]:
    return [read_town(FOLDER / town, MANAGER_CODES) for town in TOWNS]


async def load_all(urls: tuple[str, str]) -> list[DemoLogin]:
    return await load_towns(*urls, towns(), lambda email: f"secret of {email}", lambda _: None)


async def test_every_file_is_uploaded_by_the_manager_of_its_town(urls: tuple[str, str], gateway: FakeGateway) -> None:
    await load_all(urls)
    kinds = {"family", "staff", "programme", "calendar", "enrolment", "tariff", "quotient", "request-category"}
    managers = {
        "sainte-aurore": "helene.garnier@sainte-aurore.example",
        "le-val-dore": "jean-rene.payet@le-val-dore.example",
    }
    assert set(gateway.uploads) == {
        (town, kind, f"Bearer token of {manager}") for town, manager in managers.items() for kind in kinds
    }
    assert len(gateway.uploads) == 2 * len(kinds)


async def test_programmes_come_before_what_names_their_sites(urls: tuple[str, str], gateway: FakeGateway) -> None:
    await load_all(urls)
    for town in TOWNS:
        kinds = [kind for uploaded_in, kind, _ in gateway.uploads if uploaded_in == town]
        assert kinds.index("programme") < min(kinds.index("calendar"), kinds.index("enrolment"))


async def test_a_cash_office_debits_prints_and_books_from_the_start(
    urls: tuple[str, str], gateway: FakeGateway
) -> None:
    await load_all(urls)
    told = ("accounting", "creditor", "papers", "treasury-settings")
    assert sorted(gateway.settings) == [
        *(("le-val-dore.regie-scolaire", subject, '"0"') for subject in told),
        *(("sainte-aurore.regie-restauration", subject, '"0"') for subject in told),
    ]


async def test_agents_activate_with_the_code_of_their_mail(urls: tuple[str, str], gateway: FakeGateway) -> None:
    await load_all(urls)
    assert codes_of(gateway.activations) == {
        "helene.garnier@sainte-aurore.example": "MANAGERAAA",
        "jean-rene.payet@le-val-dore.example": "MANAGERVVV",
        **{
            email: code_of(email)
            for email in (
                "sebastien.picot@sainte-aurore.example",
                "nora.belkacem@sainte-aurore.example",
                "marie-josee.grondin@le-val-dore.example",
            )
        },
    }


async def test_two_families_register_with_what_was_prefilled(urls: tuple[str, str], gateway: FakeGateway) -> None:
    await load_all(urls)
    assert sorted(gateway.invited) == ["ff_1", "ff_2"]
    emails = ["claire.lefevre@messagerie.example", "nadia.benali@messagerie.example"]
    assert codes_of(gateway.registrations) == {email: code_of(email) for email in emails}
    first = next(each for each in gateway.registrations if each["email"] == emails[0])
    assert first == {
        "code": code_of(emails[0]),
        "email": emails[0],
        "password": f"secret of {emails[0]}",
        **REGISTRABLE,
    }


async def test_the_logins_are_told_with_their_roles_and_towns(urls: tuple[str, str]) -> None:
    logins = await load_all(urls)
    assert [(login.town, login.role) for login in logins] == [
        ("sainte-aurore", "manager"),
        ("sainte-aurore", "attendance,registrar"),
        ("sainte-aurore", "cashier,editor"),
        ("sainte-aurore", "guardian"),
        ("sainte-aurore", "guardian"),
        ("le-val-dore", "manager"),
        ("le-val-dore", "registrar,attendance,cashier,editor"),
    ]
    assert all(login.password == f"secret of {login.email}" for login in logins)


async def test_a_service_that_hears_of_the_town_late_is_asked_again(
    urls: tuple[str, str], gateway: FakeGateway
) -> None:
    gateway.late = 3
    await load_all(urls)
    assert len(gateway.uploads) == 16


async def test_a_refused_line_fails_the_load(urls: tuple[str, str], gateway: FakeGateway) -> None:
    gateway.refused = [{"line": 2, "field": "email", "message": "Not an e-mail address"}]
    with pytest.raises(LoadFailed, match="Not an e-mail address"):
        await load_all(urls)


def test_activation_codes_are_found_among_log_lines() -> None:
    output = '{"event": "town_created"}\nready\n{"municipality_id": "x", "activation_code": "ABCDEFGH12"}\n'
    assert read_activation_codes(output) == {"x": "ABCDEFGH12"}


async def test_every_agent_has_an_authenticator_app_and_no_guardian_needs_one(urls: tuple[str, str]) -> None:
    logins = await load_all(urls)

    assert {bool(login.secret) for login in logins if login.role != "guardian"} == {True}
    assert {login.secret for login in logins if login.role == "guardian"} == {""}


async def test_agents_of_older_data_get_theirs(urls: tuple[str, str]) -> None:
    known = [replace(login, secret="") for login in await load_all(urls)]
    equipped = await equip_agents(urls[0], known)

    assert [bool(login.secret) for login in equipped] == [login.role != "guardian" for login in known]
    assert await equip_agents("http://nobody.example", equipped) == equipped
