"""A family says that its child will be away, and proves it by a request."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.entry import Entry
from services.reservations.domain.refusals_of_decisions import NothingBookedThen, StillCancellable, TooLateToReport
from services.reservations.usecases.hear_requests import hear_answer
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.report_absence import Absence, ReportedDay, report_absence
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import KeyReused, NotFound
from tests.reservations.marking import mark
from tests.reservations.rig import FRIDAY, MONDAY, REPAS, THURSDAY, TUESDAY, Rig, child_of, household, town_file
from tests.reservations.sample_town import TOWN

SUNDAY_EVENING = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
"""Too late for Monday and Tuesday's meals, in time for those of Thursday and Friday."""


@pytest.fixture
async def booked(rig: Rig) -> Rig:
    for day in (MONDAY, TUESDAY, THURSDAY, FRIDAY):
        await rig.book(REPAS, day)
    rig.now = SUNDAY_EVENING
    return rig


async def with_policy(rig: Rig, **absences: Any) -> None:
    file = town_file().model_dump(mode="json", by_alias=True, exclude_none=True)
    for programme in file["programmes"]:
        programme["regulation"] |= {"version": 4, "absences": absences}
    await import_programmes(TOWN, CatalogueFile.model_validate(file), catalogue=rig.stores.catalogue, clock=rig.clock)


async def report(rig: Rig, starts: date, ends: date, key: str = "", **more: Any) -> tuple[ReportedDay, ...]:
    absence = Absence(
        household_id=household(1),
        child_id=more.get("child_id", child_of(1)),
        starts=starts,
        ends=ends,
        activity_ids=more.get("activity_ids", frozenset()),
        key=key or rig.a_key(),
        fingerprint=more.get("fingerprint", "f"),
    )
    return await report_absence(absence, rig.stores.hotline(rig.clock))


async def entry(rig: Rig, day: date) -> Entry:
    return (await rig.sheet(REPAS, day)).days[REPAS, day]


async def prove(
    rig: Rig, starts: date, ends: date, *, filed: datetime, decision: Any = "accepted", **facts: str
) -> None:
    event = RequestAnswered(
        request_id="req_1",
        household_id=household(1),
        municipality_id=TOWN,
        category_id=f"{TOWN}.absence",
        decision=decision,
        effect="absence_proof",
        child_ids=(child_of(1),),
        starts=starts,
        ends=ends,
        facts=facts,
        filed_at=filed,
    )
    told = Told(event=event, id="e1", subject="req_1", sequence=3, municipality_id=TOWN, time=rig.now)
    stores = rig.stores
    await hear_answer(
        told,
        registry=stores.registry(rig.clock),
        catalogue=stores.catalogue,
        sheets=stores.sheets,
        clock=rig.clock,
        alert=lambda *_, **__: None,
    )


async def told(rig: Rig, kind: str) -> list[dict[str, Any]]:
    return [data for name, data in await rig.told() if name == kind]


async def test_days_too_late_to_cancel_are_reported_and_stay_booked(booked: Rig) -> None:
    days = await report(booked, MONDAY, TUESDAY)

    assert [(one.date, one.refusal) for one in days] == [(MONDAY, None), (TUESDAY, None)]
    assert (await entry(booked, MONDAY)).state == "booked"
    assert (await entry(booked, MONDAY)).reported_at == SUNDAY_EVENING
    assert len(await told(booked, "absence_reported")) == 1


async def test_days_that_can_still_be_cancelled_are_better_cancelled(booked: Rig) -> None:
    days = await report(booked, MONDAY, FRIDAY)

    assert [type(one.refusal) for one in days if one.refusal] == [StillCancellable, StillCancellable]
    assert (await entry(booked, FRIDAY)).reported_at is None


async def test_what_is_past_is_not_reported(booked: Rig) -> None:
    booked.now = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)

    monday, _ = await report(booked, MONDAY, TUESDAY)

    assert isinstance(monday.refusal, TooLateToReport)


async def test_a_town_may_ask_to_be_told_earlier(booked: Rig) -> None:
    until = {"id": "veille", "shape": "calendar_days_before", "days": 1, "time": "12:00"}
    await with_policy(booked, report_until=until)

    monday, tuesday = await report(booked, MONDAY, TUESDAY)

    assert isinstance(monday.refusal, TooLateToReport)
    assert tuesday.refusal is None


async def test_one_activity_can_be_named(booked: Rig) -> None:
    with pytest.raises(NothingBookedThen):
        await report(booked, MONDAY, MONDAY, activity_ids=frozenset({f"{TOWN}.soir-1"}))


async def test_another_familys_child_is_not_found(booked: Rig) -> None:
    with pytest.raises(NotFound):
        await report(booked, MONDAY, MONDAY, child_id=child_of(2))


async def test_reporting_again_changes_nothing(booked: Rig) -> None:
    first = await report(booked, MONDAY, MONDAY, key="one-key-only")
    again = await report(booked, MONDAY, MONDAY, key="one-key-only")
    other = await report(booked, MONDAY, MONDAY)

    assert first == again == other
    assert len(await told(booked, "absence_reported")) == 1
    with pytest.raises(KeyReused):
        await report(booked, MONDAY, MONDAY, key="one-key-only", fingerprint="another")


async def test_staff_marks_win_over_what_the_family_said(booked: Rig) -> None:
    await report(booked, MONDAY, MONDAY)
    booked.now = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)

    await mark(booked, MONDAY, chd_1_1="present")

    assert await booked.state(REPAS, MONDAY) == "present"


async def test_a_quota_frees_the_first_days_without_any_proof(booked: Rig) -> None:
    await with_policy(booked, quota={"most": 1, "per": "month"})

    days = await report(booked, MONDAY, TUESDAY)

    assert [one.free for one in days] == [True, None]
    assert [await booked.state(REPAS, day) for day in (MONDAY, TUESDAY)] == ["absent_justified", "booked"]
    [marked] = await told(booked, "attendance_marked")
    assert [one["outcome"] for one in marked["marks"]] == ["absent_justified"]


async def test_an_accepted_proof_frees_the_days(booked: Rig) -> None:
    await prove(booked, MONDAY, TUESDAY, filed=SUNDAY_EVENING)

    assert [await booked.state(REPAS, day) for day in (MONDAY, TUESDAY, THURSDAY)] == [
        "absent_justified",
        "absent_justified",
        "booked",
    ]
    [decided] = await told(booked, "absence_proof_decided")
    assert (len(decided["free"]), len(decided["due"])) == (2, 0)


async def test_a_refused_proof_changes_nothing(booked: Rig) -> None:
    await prove(booked, MONDAY, TUESDAY, filed=SUNDAY_EVENING, decision="refused")

    assert await booked.state(REPAS, MONDAY) == "booked"


async def test_hearing_of_a_proof_twice_tells_it_once(booked: Rig) -> None:
    for _ in range(2):
        await prove(booked, MONDAY, TUESDAY, filed=SUNDAY_EVENING)

    assert len(await told(booked, "absence_proof_decided")) == 1


async def test_a_late_proof_leaves_the_days_due_unless_the_agent_lets_it_count(booked: Rig) -> None:
    late = SUNDAY_EVENING + timedelta(days=4)

    await prove(booked, MONDAY, MONDAY, filed=late)
    assert await booked.state(REPAS, MONDAY) == "absent_unjustified"

    await prove(booked, TUESDAY, TUESDAY, filed=late + timedelta(days=4), late_proof="accepted")
    assert await booked.state(REPAS, TUESDAY) == "absent_justified"


async def test_the_first_day_may_be_due_though_it_is_proven(booked: Rig) -> None:
    await with_policy(booked, first_days_due=1)

    await prove(booked, MONDAY, THURSDAY, filed=SUNDAY_EVENING)

    assert [await booked.state(REPAS, day) for day in (MONDAY, TUESDAY, THURSDAY)] == [
        "absent_unjustified",
        "absent_justified",
        "absent_justified",
    ]


async def test_a_proof_reaches_every_programme_and_only_that_child(booked: Rig) -> None:
    evening = f"{TOWN}.soir-1"
    await booked.book(evening, MONDAY + timedelta(days=3))
    await booked.book(REPAS, FRIDAY, child=2)

    await prove(booked, THURSDAY, FRIDAY, filed=SUNDAY_EVENING)

    assert await booked.state(evening, THURSDAY) == "absent_justified"
    assert await booked.state(REPAS, FRIDAY, child=2) == "booked"
