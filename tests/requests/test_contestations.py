"""A contested line of an invoice opens the town's request for that, filled in and filed, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.requests.domain.categories import Category, categories_of
from services.requests.domain.refusals import CategoriesRefused, NoEffect
from services.requests.domain.requests import Request
from services.requests.domain.working_days import Office
from services.requests.store import RequestStore
from services.requests.store.documents import category_document, category_of
from services.requests.usecases.open_contestation import open_contestation
from shared.contracts import Event, Told
from shared.contracts.billing_papers import ContestationWritten
from shared.contracts.requests import RequestFiled
from shared.contracts.requests_workflow import AcknowledgementWritten
from shared.mongo import Database
from tests.requests.samples import CHILD, HOUSEHOLD, NOW, PARIS, TOWN, entry, form, text
from tests.requests.samples_of_processing import OFFICE

CONTEST = {
    "id": "contester",
    "about_child": False,
    "form": form(facture=text(maxLength=40), raison=text(maxLength=20), detail=text(maxLength=500)),
    "effect": {"kind": "contest", "fields": {"invoice": "facture", "words": "raison", "trail": "detail"}},
    "attachments": [],
}
WRITTEN = ContestationWritten(
    contestation_id="con_0192_1",
    household_id=HOUSEHOLD,
    municipality_id=TOWN,
    account_id="acc_parent",
    child_id=CHILD,
    invoice_number="F2026-000001",
    line=1,
    words="Zoé était en sortie avec l'école ce jour-là",
    trail="12/11/2026 : Réservé par la famille.",
    at=NOW,
)


def category(**changes: Any) -> Category:
    [made] = categories_of(TOWN, [entry(**{**CONTEST, **changes})])
    return made


class Catalogue:
    def __init__(self, *categories: Category) -> None:
        self._categories = categories

    async def of_town(self, _: str) -> tuple[Sequence[Category], int]:
        return self._categories, 1


class Opened:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.events: list[Event] = []

    async def open(self, request: Request, events: Sequence[Event], _: datetime) -> None:
        self.requests.append(request)
        self.events += events


class Clocks:
    async def zone(self, _: str) -> ZoneInfo:
        return PARIS

    async def office(self, _: str) -> Office:
        return OFFICE


def told() -> Told[ContestationWritten]:
    return Told(event=WRITTEN, id="e1", subject="con_0192_1", sequence=1, municipality_id=TOWN, time=NOW)


async def opened(*categories: Category) -> Opened:
    found = Opened()
    await open_contestation(told(), catalogues=Catalogue(*categories), requests=found, towns=Clocks())
    return found


async def test_it_is_filed_with_what_billing_knows_and_no_longer_than_the_form_allows() -> None:
    found = await opened(category())

    (request,) = found.requests
    assert (request.state, request.id, request.concerns) == ("filed", "req_0192_1", "con_0192_1")
    assert request.answers == {
        "facture": "F2026-000001",
        "raison": "Zoé était en sortie ",
        "detail": "12/11/2026 : Réservé par la famille.",
    }
    event, receipt = found.events
    assert isinstance(receipt, AcknowledgementWritten)
    assert isinstance(event, RequestFiled)
    assert event.concerns == "con_0192_1"


async def test_a_form_that_asks_for_more_leaves_a_draft_to_the_family() -> None:
    more = {**form(classe=text(), raison=text()), "required": ["classe"]}
    effect = {"kind": "contest", "fields": {"words": "raison"}}

    found = await opened(category(form=more, effect=effect))

    assert [(one.state, dict(one.answers)) for one in found.requests] == [("draft", {"raison": WRITTEN.words})]
    assert found.events == []


async def test_a_town_without_such_a_category_opens_nothing() -> None:
    assert (await opened()).requests == []
    assert (await opened(replace(category(), offered=False))).requests == []


async def test_the_answer_tells_which_contestation_it_concerns_and_no_words() -> None:
    (request,) = (await opened(category())).requests

    _, answer, _ = request.answered("accepted", "Corrigé.", "acc_agent", NOW, PARIS)

    assert (answer.concerns, answer.effect, answer.decision) == ("con_0192_1", "", "accepted")
    assert "sortie" not in answer.model_dump_json()
    with pytest.raises(NoEffect):
        request.answered("accepted", "x", "acc_agent", NOW, PARIS, given={"starts": "2026-11-12"})


async def test_it_is_opened_once_however_often_it_is_heard(db: Database) -> None:
    requests = RequestStore(db, lambda _: None)
    for _ in range(2):
        await open_contestation(told(), catalogues=Catalogue(category()), requests=requests, towns=Clocks())

    kept = await requests.of_household("req_0192_1", HOUSEHOLD)
    assert (kept.concerns, kept.state) == ("con_0192_1", "filed")
    assert len((await db["requests"].find_one({"_id": kept.id}) or {})["outbox"]) == 2


@pytest.mark.parametrize(
    "fields", [{"words": "nowhere"}, {"starts": "raison"}, {"line": "choix"}, {"programme": "raison"}]
)
def test_a_wrong_mapping_is_refused_at_import(fields: dict[str, str]) -> None:
    wrong = {"form": form(raison=text(), choix=text(enum=["a"])), "effect": {"kind": "contest", "fields": fields}}

    with pytest.raises(CategoriesRefused):
        category(**wrong)


def test_its_effect_is_kept_with_the_category() -> None:
    assert category_of(category_document(category())) == category()
