"""A request that is reopened and decided anew: what reservations took over from it follows."""

from datetime import date, timedelta
from typing import Any

from services.reservations.usecases.enrol_from_request import enrolment_of
from services.reservations.usecases.hear_requests import hear_answer
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from tests.reservations.rig import MONDAY, REPAS, THURSDAY, TUESDAY, Rig, child_of, household
from tests.reservations.sample_town import TOWN
from tests.reservations.test_absences import SUNDAY_EVENING, entry, told
from tests.reservations.test_school_year_http import SITE, programme

FIRST, SECOND = 3, 6
"""Versions of the request at its two decisions."""
SOON = date(2026, 9, 1)


async def hears(rig: Rig, sequence: int, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    """What operators are told."""
    said: dict[str, Any] = {
        "request_id": "req_1",
        "household_id": household(1),
        "municipality_id": TOWN,
        "category_id": f"{TOWN}.demande",
        "decision": "accepted",
        "child_ids": (child_of(1),),
        "decision_number": 1 if sequence == FIRST else 2,
        "filed_at": SUNDAY_EVENING,
        **changes,
    }
    alerts: list[tuple[str, dict[str, Any]]] = []
    await hear_answer(
        Told(
            event=RequestAnswered.model_validate(said),
            id=f"e{sequence}",
            subject="req_1",
            sequence=sequence,
            municipality_id=TOWN,
            time=rig.now,
        ),
        registry=rig.stores.registry(rig.clock),
        catalogue=rig.stores.catalogue,
        sheets=rig.stores.sheets,
        clock=rig.clock,
        alert=lambda name, **facts: alerts.append((name, facts)),
    )
    return alerts


async def enrols(rig: Rig, sequence: int, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    facts = {"programme": programme("restaurant"), "site": SITE, "group": changes.pop("group", "CP")}
    return await hears(rig, sequence, **{"effect": "enrolment", "starts": SOON, "facts": facts, **changes})


async def made(rig: Rig) -> list[tuple[str, date]]:
    """Class and first day of what the request made."""
    _, found = await rig.stores.registry(rig.clock).enrolments.of_child(TOWN, child_of(1))
    return [(one.group, one.starts) for one in found.enrolments if one.id == enrolment_of("req_1", 0)]


async def test_a_second_acceptance_changes_the_enrolment_the_first_one_made(rig: Rig) -> None:
    await enrols(rig, FIRST)
    await enrols(rig, SECOND, group="CE1", starts=SOON + timedelta(days=7))
    await enrols(rig, FIRST)

    assert await made(rig) == [("CE1", SOON + timedelta(days=7))]


async def test_an_enrolment_refused_after_all_goes_before_it_begins_and_does_not_come_back(rig: Rig) -> None:
    await enrols(rig, FIRST)
    for _ in range(2):
        await enrols(rig, SECOND, decision="refused", starts=None, facts={})
    await enrols(rig, FIRST)

    assert await made(rig) == []


async def test_an_acceptance_that_arrives_after_its_withdrawal_is_not_taken(rig: Rig) -> None:
    await enrols(rig, SECOND, decision="refused", starts=None, facts={})
    await enrols(rig, FIRST)

    assert await made(rig) == []


async def test_a_first_refusal_changes_nothing(rig: Rig) -> None:
    before = await rig.stores.registry(rig.clock).enrolments.of_child(TOWN, child_of(1))

    assert await enrols(rig, FIRST, decision="refused", starts=None, facts={}) == []
    assert await rig.stores.registry(rig.clock).enrolments.of_child(TOWN, child_of(1)) == before


async def booked(rig: Rig) -> None:
    for day in (MONDAY, TUESDAY, THURSDAY):
        await rig.book(REPAS, day)
    rig.now = SUNDAY_EVENING


async def proves(rig: Rig, sequence: int, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    days = {"effect": "absence_proof", "starts": MONDAY, "ends": TUESDAY}
    return await hears(rig, sequence, **{**days, **changes})


async def states(rig: Rig) -> list[tuple[str, str]]:
    return [((one := await entry(rig, day)).state, one.proof) for day in (MONDAY, TUESDAY, THURSDAY)]


async def test_days_of_a_proof_refused_after_all_are_booked_again(rig: Rig) -> None:
    await booked(rig)
    await proves(rig, FIRST)
    excused = await states(rig)

    await proves(rig, SECOND, decision="refused", starts=None, ends=None)

    assert excused[0][1] == "req_1"
    assert await states(rig) == [("booked", "")] * 3
    assert len(await told(rig, "attendance_unmarked")) == 1


async def test_a_second_acceptance_covers_its_own_days_only(rig: Rig) -> None:
    await booked(rig)
    await proves(rig, FIRST)
    before = await states(rig)

    await proves(rig, SECOND, ends=MONDAY)

    after = await states(rig)
    assert (after[0], after[1]) == (before[0], ("booked", ""))
