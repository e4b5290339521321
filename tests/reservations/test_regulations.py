"""Regulations as documents: drafts, versions, publication."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.catalogue import replace as replacing
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.editions import Signed, draft_of, published, rewritten
from services.reservations.domain.imported import UnusableChange
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_rules import DraftOutdated, PublishedStays
from services.reservations.domain.succession import succeeded
from services.reservations.store.backfill import fill_in
from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import REPAS, Rig
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, catalogue_file, regulation, town

SIGNED = Signed(by="acc_1", at=datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
RESTAURANT = f"{TOWN}.restaurant"
SPRING, SUMMER = date(2026, 4, 1), date(2026, 7, 1)
LATER = {"booking": [EVENING_BEFORE], "cancelling": [EVENING_BEFORE]}


def programme() -> Programme:
    return town().programmes[RESTAURANT]


def version(number: int, valid_from: date | None = None) -> Any:
    day = valid_from.isoformat() if valid_from else None
    return regulation(version=number, valid_from=day)


def test_a_version_for_later_days_leaves_the_last_one_to_the_days_before() -> None:
    assert succeeded((), version(3), version(4, SPRING)) == (version(3),)


def test_a_version_for_all_days_leaves_nothing_to_those_before() -> None:
    assert succeeded((version(2),), version(3, SPRING), version(4)) == ()


def test_a_version_that_begins_earlier_than_one_before_it_replaces_that_one() -> None:
    former = (version(1), version(2, SPRING))
    assert succeeded(former, version(3, SUMMER), version(4, SPRING)) == (version(1),)


def test_the_same_version_sent_again_keeps_what_was_before_it() -> None:
    assert succeeded((version(2),), version(3, SPRING), version(3, SPRING)) == (version(2),)


def test_a_file_with_a_version_for_later_days_keeps_the_one_of_today() -> None:
    old = read_catalogue(CatalogueFile.model_validate(catalogue_file()), TOWN)
    file = catalogue_file()
    file["programmes"][0]["regulation"] |= {"version": 4, "valid_from": "2026-04-01", **LATER}
    after = replacing(old, read_catalogue(CatalogueFile.model_validate(file), TOWN))

    now = after.catalogue.programmes[RESTAURANT]
    assert [now.regulation_on(day).version for day in (date(2026, 3, 31), SPRING)] == [3, 4]
    assert [one.id for one in after.regulated] == [RESTAURANT]
    assert replacing(after.catalogue, read_catalogue(CatalogueFile.model_validate(file), TOWN)).published == ()


def test_everything_is_regulated_in_a_new_town() -> None:
    new = read_catalogue(CatalogueFile.model_validate(catalogue_file()), TOWN)
    assert len(replacing(Catalogue(), new).regulated) == 3


def test_a_draft_begins_as_the_version_in_force() -> None:
    draft = draft_of(programme(), None, edition_id="reg_1", signed=SIGNED)

    assert (draft.regulation.version, draft.based_on) == (4, 3)
    assert draft.regulation.content() == programme().regulation.content()


def test_a_rule_about_an_activity_of_another_programme_is_refused() -> None:
    wrong = regulation({**EVENING_BEFORE, "activities": ["soir-1"]}, weekly=[{"id": "w", "maximum": 3}])
    with pytest.raises(UnusableChange) as refused:
        draft_of(programme(), wrong, edition_id="reg_1", signed=SIGNED)

    assert [one["field"] for one in refused.value.errors] == [
        "regulation.booking.veille.activities",
        "regulation.cancelling.veille.activities",
    ]


def test_what_is_published_stays_as_it_is() -> None:
    draft = draft_of(programme(), None, edition_id="reg_1", signed=SIGNED)
    edition = published(draft, programme(), SPRING, SIGNED)

    assert (edition.state, edition.regulation.valid_from, edition.regulation.version) == ("published", SPRING, 4)
    with pytest.raises(PublishedStays):
        rewritten(edition, programme(), regulation(), SIGNED)
    with pytest.raises(PublishedStays):
        published(edition, programme(), None, SIGNED)


def test_a_draft_of_former_rules_is_looked_at_again_before_it_is_published() -> None:
    draft = draft_of(programme(), None, edition_id="reg_1", signed=SIGNED)
    newer = replace(programme(), regulation=version(4))
    with pytest.raises(DraftOutdated):
        published(draft, newer, None, SIGNED)

    again = rewritten(draft, newer, draft.regulation, SIGNED)
    assert published(again, newer, None, SIGNED).regulation.version == 5


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def drafted(http: Http, headers: dict[str, str], rules: dict[str, Any] | None = None) -> dict[str, Any]:
    body = {"programme_id": RESTAURANT, "regulation": rules}
    answer = await http.post("/api/v1/regulations", json=body, headers=headers)
    assert answer.status == 201, await answer.text()
    shown: dict[str, Any] = await answer.json()
    return shown


def one(draft: dict[str, Any], more: str = "") -> str:
    return f"/api/v1/regulations/{draft['regulation_id']}{more}"


def as_read(draft: dict[str, Any], headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "If-Match": f'"{draft["revision"]}"'}


async def listed(http: Http, headers: dict[str, str]) -> list[tuple[str, int]]:
    answer = await http.get("/api/v1/regulations", params={"programme_id": RESTAURANT}, headers=headers)
    found = [(found["state"], found["version"]) for found in (await answer.json())["items"]]
    return sorted(found, key=lambda each: (-each[1], each[0]))


async def test_a_file_leaves_a_version_that_says_who_sent_it(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    assert await listed(http, manager) == [("published", 3)]
    told = [body for kind, body in await rig.told("regulations") if kind == "regulation_published"]
    assert {(one["programme_id"], one["version"]) for one in told} >= {(RESTAURANT, 3)}


async def test_a_draft_is_changed_then_published_and_holds_from_its_day_on(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    draft = await drafted(http, manager)
    changed = await http.put(one(draft), json={"regulation": LATER}, headers=as_read(draft, manager))
    assert changed.status == 200, await changed.text()
    draft = await changed.json()
    body = {"valid_from": "2026-04-01"}
    version = await http.post(one(draft, "/publication"), json=body, headers=as_read(draft, manager))

    assert version.status == 201, await version.text()
    shown = await version.json()
    assert (shown["state"], shown["version"], shown["published"]["account_id"]) == ("published", 4, "acc_agent")
    in_force = (await rig.stores.catalogue.town(TOWN)).programmes[RESTAURANT]
    assert [in_force.regulation_on(day).booking[0].id for day in (date(2026, 3, 31), SPRING)] == ["j-2", "veille"]
    assert await listed(http, manager) == [("published", 4), ("published", 3)]
    told = [body for kind, body in await rig.told("regulations") if body["version"] == 4]
    assert (told[0]["valid_from"], told[0]["regulation_id"]) == ("2026-04-01", shown["regulation_id"])


async def test_rules_are_said_in_both_languages(http: Http, manager: dict[str, str]) -> None:
    draft = await drafted(http, manager, LATER)
    said = {rule["about"]: (rule["fr"], rule["en"]) for rule in draft["rules"]}

    assert said["booking.veille"][1] == "Booking: until the day before at 18:00."
    assert said["booking.veille"][0].startswith("Réservation")


async def test_who_did_not_see_the_last_change_of_a_draft_does_not_overwrite_it(
    http: Http, manager: dict[str, str]
) -> None:
    draft = await drafted(http, manager)
    headers = as_read(draft, manager)
    assert (await http.put(one(draft), json={"regulation": LATER}, headers=headers)).status == 200

    assert await refusal(await http.put(one(draft), json={"regulation": LATER}, headers=headers)) == (
        412,
        "version-passed",
    )
    answer = await http.post(one(draft, "/publication"), json={"valid_from": None}, headers=headers)
    assert await refusal(answer) == (412, "version-passed")


async def test_of_two_drafts_the_second_is_looked_at_again(http: Http, manager: dict[str, str]) -> None:
    first, second = await drafted(http, manager, LATER), await drafted(http, manager)
    done = await http.post(one(first, "/publication"), json={"valid_from": None}, headers=as_read(first, manager))
    assert done.status == 201

    answer = await http.post(one(second, "/publication"), json={"valid_from": None}, headers=as_read(second, manager))
    assert await refusal(answer) == (409, "draft-outdated")
    assert (await (await http.get(one(second), headers=manager)).json())["outdated"] is True


async def test_a_draft_can_be_dropped_a_version_cannot(http: Http, manager: dict[str, str]) -> None:
    draft = await drafted(http, manager)
    assert (await http.delete(one(draft), headers=manager)).status == 204
    assert await refusal(await http.get(one(draft), headers=manager)) == (404, "not-found")

    answer = await http.get("/api/v1/regulations", params={"programme_id": RESTAURANT}, headers=manager)
    version = (await answer.json())["items"][0]
    assert await refusal(await http.delete(one(version), headers=manager)) == (409, "published-stays")
    changed = await http.put(one(version), json={"regulation": LATER}, headers=as_read(version, manager))
    assert await refusal(changed) == (409, "published-stays")


async def test_a_version_and_its_town_are_written_together_or_not_at_all(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    draft = await drafted(http, manager, LATER)
    # Somebody published the same number a moment ago, and the town has not said so yet.
    await rig.database["regulations"].update_one(
        {"programme_id": RESTAURANT, "state": "published"}, {"$set": {"version": 4}}
    )
    answer = await http.post(one(draft, "/publication"), json={"valid_from": None}, headers=as_read(draft, manager))

    assert await refusal(answer) == (409, "changed-meanwhile")
    assert (await rig.stores.catalogue.versioned(TOWN)).catalogue.programmes[RESTAURANT].regulation.version == 3
    assert (await (await http.get(one(draft), headers=manager)).json())["state"] == "draft"


async def test_two_publications_at_the_same_moment_give_one_version(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    drafts = [await drafted(http, manager, LATER) for _ in range(3)]
    answers = await asyncio.gather(
        *(
            http.post(one(draft, "/publication"), json={"valid_from": None}, headers=as_read(draft, manager))
            for draft in drafts
        )
    )

    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert await listed(http, manager) == [("draft", 4), ("draft", 4), ("published", 4), ("published", 3)]
    assert (await rig.stores.catalogue.town(TOWN)).programmes[RESTAURANT].regulation.version == 4


async def test_what_was_booked_before_keeps_its_version(http: Http, rig: Rig, manager: dict[str, str]) -> None:
    day = date(2026, 4, 7)
    await rig.book(REPAS, day)
    draft = await drafted(http, manager, LATER)
    await http.post(one(draft, "/publication"), json={"valid_from": "2026-04-01"}, headers=as_read(draft, manager))
    await rig.book(REPAS, date(2026, 4, 9))

    days = (await rig.sheet(REPAS, day)).days
    assert [days[REPAS, one].rule_version for one in (day, date(2026, 4, 9))] == [3, 4]


async def test_a_manager_of_another_programme_sees_nothing(http: Http, issuer: Issuer, manager: dict[str, str]) -> None:
    draft = await drafted(http, manager)
    garderie = {f"{TOWN}.garderie": frozenset({str(Role.MANAGER)})}
    other = issuer.headers(Caller(account_id="acc_other", programme_roles=garderie))
    foreign = issuer.agent("le-val-dore", Role.MANAGER)

    assert await refusal(await http.get(one(draft), headers=other)) == (403, "forbidden")
    assert await refusal(await http.get(one(draft), headers=foreign)) == (404, "not-found")
    assert await refusal(await http.post("/api/v1/regulations", json={"programme_id": RESTAURANT}, headers=other)) == (
        403,
        "forbidden",
    )


async def test_versions_published_before_they_were_documents_are_filled_in(rig: Rig) -> None:
    await rig.database["regulations"].delete_many({})
    await fill_in(rig.database)
    await fill_in(rig.database)

    found = await rig.stores.regulations.of_programme(TOWN, RESTAURANT)
    assert [(edition.regulation.version, edition.made.by) for edition in found] == [(3, "")]
