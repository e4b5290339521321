"""Agents put their town's letters into its own words, over HTTP and on real documents."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.http.letter_templates import ROUTES
from services.notifications.http.parts import LETTER_TEMPLATES, LETTERPRESS, STATIONERIES
from services.notifications.store import CopyStore
from services.notifications.store.letter_templates import LetterTemplates
from services.notifications.store.stationery import StationeryStore
from services.notifications.usecases.keep_copies import keep_letterhead
from shared.auth import Role
from shared.contracts.towns import LetterheadSet
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.notifications.samples import NOW, SERVICE, TOWN, letterpress, told
from tests.notifications.test_letter_pages import logo, png

AT = "/api/v1/letter-templates"
INVOICE = f"{AT}/invoice"
HERE = {"municipality_id": "sainte-aurore"}
OURS = {"fr": {"subject": "Facture {number}", "opening": "Bonjour {reader}.", "notes": ["À bientôt."]}}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def site(db: Database, issuer: Issuer) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("notifications", SERVICE, ROUTES, issuer.tokens(), lambda: NOW)
    copies = CopyStore(db)
    app[LETTER_TEMPLATES] = LetterTemplates(db)
    app[STATIONERIES] = StationeryStore(db, copies, app[LETTER_TEMPLATES], lambda: NOW)
    app[LETTERPRESS] = letterpress()
    await copies.keep_town(TOWN, 1)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
def editor(issuer: Issuer) -> dict[str, str]:
    return issuer.agent("sainte-aurore", Role.EDITOR)


async def put(site: Any, headers: dict[str, str], words: Any, version: str = '"0"') -> Any:
    return await site.put(INVOICE, json={**HERE, "words": words}, headers={**headers, "If-Match": version})


async def shown(site: Any, headers: dict[str, str]) -> Any:
    return await (await site.get(INVOICE, params=HERE, headers=headers)).json()


async def preview(site: Any, headers: dict[str, str], **body: Any) -> Any:
    return await site.post(f"{INVOICE}/previews", json={**HERE, **body}, headers=headers)


async def test_an_editor_sees_every_kind_with_its_french_name(site: Any, editor: dict[str, str]) -> None:
    await put(site, editor, OURS)
    kinds = {one["kind"]: one for one in await (await site.get(AT, params=HERE, headers=editor)).json()}

    assert len(kinds) > 25
    assert kinds["invoice"] == {"kind": "invoice", "label": "Facture à payer", "version": 1, "languages": ["fr"]}
    assert kinds["credit-note"]["version"] == 0


async def test_a_kind_says_which_facts_it_knows_and_what_preau_writes(site: Any, editor: dict[str, str]) -> None:
    answer = await site.get(INVOICE, params=HERE, headers=editor)
    kind = await answer.json()

    assert answer.headers["ETag"] == '"0"'
    assert {"name": "due", "label": "Date limite de paiement", "needed": False} in kind["facts"]
    assert "jointe à ce message" in kind["as_written"]["fr"]["opening"]
    assert "comes with this message" in kind["as_written"]["en"]["opening"]


async def test_words_are_kept_shown_and_on_the_next_letter(site: Any, editor: dict[str, str]) -> None:
    answer = await put(site, editor, OURS)
    pages = await (await preview(site, editor)).json()

    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert (await shown(site, editor))["words"] == OURS
    assert pages["subject"] == "Facture F2026-000042"
    assert "Bonjour Anna Martin." in pages["text"]


async def test_trying_words_keeps_nothing(site: Any, editor: dict[str, str], db: Database) -> None:
    pages = await (await preview(site, editor, words={"subject": "Essai {month}"})).json()

    assert pages["subject"] == "Essai octobre 2026"
    assert await db["letter_templates"].count_documents({}) == 0


async def test_a_preview_shows_the_logo_without_asking_for_it(site: Any, editor: dict[str, str]) -> None:
    head = LetterheadSet(municipality_id="sainte-aurore", png_base64=b64encode(png()).decode(), width=400, height=160)
    await keep_letterhead(told(head), stationeries=site.app[STATIONERIES])

    assert 'src="data:image/png;base64,' in (await (await preview(site, editor)).json())["html"]


async def test_two_agents_at_once_do_not_overwrite_each_other(site: Any, editor: dict[str, str]) -> None:
    assert (await put(site, editor, OURS)).status == 200
    assert (await put(site, editor, {})).status == 412
    assert (await put(site, editor, {}, "")).status == 428
    assert (await shown(site, editor))["words"] == OURS


async def test_an_earlier_version_comes_back_as_a_new_one(site: Any, editor: dict[str, str]) -> None:
    await put(site, editor, OURS)
    await put(site, editor, {}, '"1"')
    answer = await site.post(
        f"{INVOICE}/restorations", json={**HERE, "version": 1}, headers={**editor, "If-Match": '"2"'}
    )

    assert answer.status == 200
    kind = await answer.json()
    assert (kind["version"], kind["words"]) == (3, OURS)
    assert [one["version"] for one in kind["editions"]] == [3, 2, 1]
    assert kind["editions"][0]["changed_by"] == "acc_agent"


WRONG: list[tuple[Any, str]] = [
    ({"fr": {"subject": "{iban}"}}, "words.fr.subject"),
    ({"fr": {"opening": "{"}}, "words.fr.opening"),
    ({"fr": {"subject": "x" * 151}}, "words.fr.subject"),
    ({"fr": {"notes": ["x"] * 6}}, "words.fr.notes"),
    ({"de": {"subject": "Rechnung"}}, "words.de.[key]"),
    ({"fr": {"html": "<b>"}}, "words.fr.html"),
]


async def test_words_that_cannot_be_are_refused_by_field(site: Any, editor: dict[str, str]) -> None:
    answers = [await put(site, editor, words) for words, _ in WRONG]

    assert {answer.status for answer in answers} == {422}
    assert [(await answer.json())["errors"][0]["field"] for answer in answers] == [field for _, field in WRONG]


async def test_line_ends_leave_a_subject_and_unseen_characters_leave_everything(
    site: Any, editor: dict[str, str]
) -> None:
    answer = await put(site, editor, {"fr": {"subject": "Un\r\nBcc: x@y.example", "opening": "a\u202eb\r\n\x1b[31mc"}})

    assert (await answer.json())["words"]["fr"] == {
        "subject": "Un Bcc: x@y.example",
        "opening": "ab\n[31mc",
        "notes": [],
    }


async def test_other_agents_write_no_letters(site: Any, issuer: Issuer) -> None:
    for role in (Role.REGISTRAR, Role.ATTENDANCE, Role.CASHIER):
        assert (await put(site, issuer.agent("sainte-aurore", role), OURS)).status == 403


async def test_an_editor_of_another_town_neither_reads_nor_writes_here(site: Any, issuer: Issuer, db: Database) -> None:
    elsewhere = issuer.agent("le-val-dore", Role.EDITOR)

    assert (await site.get(INVOICE, params=HERE, headers=elsewhere)).status == 403
    assert (await put(site, elsewhere, OURS)).status == 403
    assert (await preview(site, elsewhere)).status == 403
    assert await db["letter_templates"].count_documents({}) == 0


async def test_a_parent_and_a_stranger_are_turned_away(site: Any, issuer: Issuer) -> None:
    assert (await site.get(AT, params=HERE, headers=issuer.guardian("hsh_1", "sainte-aurore"))).status == 403
    assert (await site.get(AT, params=HERE)).status == 401


async def test_a_kind_there_is_not_is_not_found(site: Any, editor: dict[str, str]) -> None:
    assert (await site.get(f"{AT}/security", params=HERE, headers=editor)).status == 404


async def test_stationery_is_read_once_for_a_run_and_anew_after_ten_seconds(db: Database) -> None:
    copies, clock = CopyStore(db), [NOW]
    store = StationeryStore(db, copies, LetterTemplates(db), lambda: clock[0])
    await copies.keep_town(TOWN, 1)
    await store.of("sainte-aurore")
    await copies.keep_town(replace(TOWN, name="Sainte-Aurore-des-Bois"), 2)

    kept = await store.of("sainte-aurore")
    clock[0] = NOW.replace(second=30)
    anew = await store.of("sainte-aurore")
    await store.keep_logo("sainte-aurore", logo(), 2)
    at_once = await store.of("sainte-aurore")

    assert kept is not None
    assert anew is not None
    assert at_once is not None
    assert (kept.town.name, anew.town.name) == ("Sainte-Aurore", "Sainte-Aurore-des-Bois")
    assert (anew.logo, at_once.logo) == (None, logo())


async def test_a_logo_taken_away_is_on_no_letter_and_an_older_event_brings_it_not_back(db: Database) -> None:
    copies = CopyStore(db)
    store = StationeryStore(db, copies, LetterTemplates(db), lambda: NOW)
    await copies.keep_town(TOWN, 1)
    await store.keep_logo("sainte-aurore", None, 5)
    await store.keep_logo("sainte-aurore", logo(), 4)

    found = await store.now("sainte-aurore")
    assert found is not None
    assert found.logo is None
