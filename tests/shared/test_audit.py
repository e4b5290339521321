"""What agents do about families is noted before the answer leaves; what families do in their own house is not."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared import audit, mongo
from shared.audit.trail import AUDIT_SCHEMA, Trail
from shared.auth import Caller, Role
from shared.contracts.audit import AgentActed
from shared.errors import Forbidden, NotFound, Refused, Unavailable
from shared.mongo import Database, Schema
from shared.service import new_app
from shared.web import Answer, Body, Route, agent, guardian_or_agent
from tests.callers import Issuer
from tests.shared.conftest import START, MovableClock

TOWN = "sainte-aurore"


class Notebook:
    service = "test"

    def __init__(self) -> None:
        self.notes: list[AgentActed] = []
        self.away = False

    async def keep(self, notes: Sequence[AgentActed]) -> None:
        if self.away:
            raise Unavailable()
        self.notes += notes


class Whose(Body):
    municipality_id: str


class Said(Answer):
    text: str = "done"


class Unmarked(Refused):
    code = "unmarked"


async def read_families(request: web.Request, query: Whose, caller: Caller) -> Said:
    audit.about(request, caller.agent_of(query.municipality_id, Role.REGISTRAR), files=["ff_1", "ff_1", ""])
    return Said()


async def read_nobody(_: web.Request, query: Whose) -> Said:
    return Said()


async def read_several_towns(request: web.Request, caller: Caller) -> Said:
    if not caller.is_guardian:
        for town in sorted(caller.roles):
            audit.about(request, town, households=[f"hsh_{town}"], children=[f"chd_{town}"], others=["req_1"])
    return Said()


async def read_everybody(request: web.Request) -> Said:
    audit.about(request, TOWN, files=[f"ff_{n}" for n in range(2_500)], households=["hsh_1"])
    return Said()


async def refuse_naming_children(request: web.Request) -> Said:
    audit.about(request, TOWN, children=["chd_1"])
    raise Unmarked()


async def refuse(_: web.Request, query: Whose) -> Said:
    raise NotFound()


async def stream(request: web.Request) -> web.StreamResponse:
    audit.about(request, TOWN, files=["ff_1"])
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"names")
    return response


def route(path: str, handler: Any, who: Any, **more: Any) -> Route:
    return Route(method="GET", path=path, handler=handler, who=who, answer=Said, audit=handler.__name__, **more)


REGISTRAR = agent(Role.REGISTRAR)
ROUTES = [
    route("/families", read_families, REGISTRAR, query=Whose),
    route("/nobody", read_nobody, REGISTRAR, query=Whose),
    route("/both", read_several_towns, guardian_or_agent()),
    route("/everybody", read_everybody, REGISTRAR),
    route("/named", refuse_naming_children, REGISTRAR),
    route("/refused", refuse, REGISTRAR, query=Whose),
    route("/streamed", stream, REGISTRAR),
]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
async def site(issuer: Issuer, clock: MovableClock, notebook: Notebook) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("test", Path(__file__).parent, ROUTES, issuer.tokens(), clock)
    app[audit.TRAIL] = notebook
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def registrar(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.REGISTRAR)


async def test_what_an_agent_reads_is_noted_with_who_when_and_about_whom(
    site: Any, registrar: dict[str, str], notebook: Notebook
) -> None:
    headers = {**registrar, "X-Request-Id": "request-0001"}

    answer = await site.get(f"/families?municipality_id={TOWN}", headers=headers)

    assert answer.status == 200
    assert notebook.notes == [
        AgentActed(
            service="test",
            action="read_families",
            account_id="acc_agent",
            municipality_id=TOWN,
            family_file_ids=("ff_1",),
            at=START,
            request_id="request-0001",
        )
    ]


async def test_an_act_about_nobody_in_particular_is_noted_for_the_town(
    site: Any, registrar: dict[str, str], notebook: Notebook
) -> None:
    await site.get(f"/nobody?municipality_id={TOWN}", headers=registrar)

    assert [(note.action, note.municipality_id) for note in notebook.notes] == [("read_nobody", TOWN)]


async def test_an_act_in_several_towns_is_noted_for_each(site: Any, issuer: Issuer, notebook: Notebook) -> None:
    roles = {TOWN: frozenset({"editor"}), "le-val-dore": frozenset({"manager"})}

    await site.get("/both", headers=issuer.headers(Caller(account_id="acc_agent", roles=roles)))

    noted = [(note.municipality_id, note.household_ids, note.child_ids, note.object_ids) for note in notebook.notes]
    assert noted == [(town, (f"hsh_{town}",), (f"chd_{town}",), ("req_1",)) for town in ("le-val-dore", TOWN)]


async def test_a_guardian_in_their_own_house_is_not_noted(site: Any, issuer: Issuer, notebook: Notebook) -> None:
    parent_and_agent = Caller(account_id="acc_1", household_id="hsh_1", roles={TOWN: frozenset({"editor"})})

    for headers in (issuer.guardian("hsh_1", TOWN), issuer.headers(parent_and_agent)):
        assert (await site.get("/both", headers=headers)).status == 200

    assert notebook.notes == []


async def test_a_whole_town_becomes_several_notes(site: Any, registrar: dict[str, str], notebook: Notebook) -> None:
    await site.get("/everybody", headers=registrar)

    assert [len(note.family_file_ids) for note in notebook.notes] == [1_000, 1_000, 500]
    assert [note.household_ids for note in notebook.notes] == [("hsh_1",), (), ()]


async def test_a_refusal_that_names_nobody_is_not_noted(
    site: Any, registrar: dict[str, str], notebook: Notebook
) -> None:
    answer = await site.get(f"/refused?municipality_id={TOWN}", headers=registrar)

    assert (answer.status, notebook.notes) == (404, [])


async def test_a_refusal_that_names_somebody_is_noted(site: Any, registrar: dict[str, str], notebook: Notebook) -> None:
    answer = await site.get("/named", headers=registrar)

    assert answer.status == 409
    assert [note.child_ids for note in notebook.notes] == [("chd_1",)]


async def test_a_streamed_answer_is_noted_once(site: Any, registrar: dict[str, str], notebook: Notebook) -> None:
    answer = await site.get("/streamed", headers=registrar)

    assert await answer.read() == b"names"
    assert [note.family_file_ids for note in notebook.notes] == [("ff_1",)]


async def test_no_answer_leaves_whose_note_cannot_be_kept(
    site: Any, registrar: dict[str, str], notebook: Notebook
) -> None:
    notebook.away = True

    answer = await site.get(f"/families?municipality_id={TOWN}", headers=registrar)

    assert answer.status == 503
    assert "done" not in await answer.text()


def test_an_agent_of_one_programme_works_for_its_town() -> None:
    caller = Caller(
        account_id="acc_1",
        roles={"le-val-dore": frozenset({"manager"})},
        programme_roles={f"{TOWN}.restaurant": frozenset({"attendance"})},
    )

    assert caller.agent_towns == {TOWN, "le-val-dore"}
    assert caller.programmes_in(TOWN, Role.ATTENDANCE) == {f"{TOWN}.restaurant"}
    assert caller.programmes_in("le-val-dore", Role.MANAGER) is None
    with pytest.raises(Forbidden):
        caller.programmes_in(TOWN, Role.MANAGER)


async def test_a_note_is_one_document_with_its_event(database: Database) -> None:
    await mongo.apply(database, Schema(version=1, collections={"audit": AUDIT_SCHEMA}))
    woken: list[str] = []
    note = AgentActed(service="test", action="looked", account_id="acc_1", municipality_id=TOWN, at=START)

    await Trail("test", database, woken.append).keep([note, note])

    documents = await database["audit"].find({}).to_list(None)
    assert [one["outbox"][0]["type"] for one in documents] == ["audit.agent_acted.v1"] * 2
    assert [one["outbox"][0]["exchange"] for one in documents] == ["profiles"] * 2
    assert len({one["_id"] for one in documents}) == 2
    assert woken == ["audit"]


async def test_only_notes_that_were_told_are_forgotten(database: Database) -> None:
    await mongo.apply(database, Schema(version=1, collections={"audit": AUDIT_SCHEMA}))

    indexes = await database["audit"].index_information()

    assert indexes["forget"]["partialFilterExpression"] == {"outbox": []}
    assert indexes["forget"]["expireAfterSeconds"] == 30 * 24 * 3600
