"""A school-year change and an enrolment by request on a real database."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.enrolments import Enrolled, UnusableEnrolment
from services.reservations.http.school_years import SchoolYearBody
from services.reservations.usecases.change_school_year import change_school_year
from services.reservations.usecases.enrol_from_request import enrol_from_request
from shared.auth import Role
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import Unavailable
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import PROGRAMMES, SITE, Rig, child_of, programme
from tests.reservations.sample_town import TOWN

PATH = "/api/v1/school-year-changes"
CHANGE = {
    "municipality_id": TOWN,
    "from": "2026-09-01",
    "until": "2027-07-02",
    "enrolled_on": "2026-06-15",
    "moves": [{"site_id": SITE, "group": "CE1", "to_group": "CE2"}],
}


@pytest.fixture
def manager(issuer: Issuer) -> dict[str, str]:
    return issuer.agent(TOWN, Role.MANAGER)


async def change(http: Http, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    response = await http.post(PATH, json={**CHANGE, **changes}, headers=headers)
    assert response.status == 200, await response.text()
    answer: dict[str, Any] = await response.json()
    return answer


async def group_on(rig: Rig, day: date, family: int = 1) -> str:
    child = await rig.stores.roster.child(child_of(family), f"hsh_{family}", TOWN)
    enrolment = child.enrolment_on(programme("restaurant"), day)
    return enrolment.group if enrolment else ""


async def test_a_dry_run_says_what_would_change_and_changes_nothing(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    answer = await change(http, manager, dry_run=True)

    assert (answer["children"], answer["created"], answer["enrolled_on"]) == (4, 16, "2026-06-15")
    assert await group_on(rig, date(2026, 9, 1)) == ""
    assert await rig.told("roster") == []


async def test_every_child_is_in_its_new_class_and_the_old_one_stays(
    http: Http, rig: Rig, manager: dict[str, str]
) -> None:
    children = [{"reference": "E2-1"}, {"reference": "E2-2", "leaves": True}]
    answer = await change(http, manager, exceptions=children)

    counts = ("children", "created", "unchanged", "left", "missed", "unplaced_count")
    assert [answer[name] for name in counts] == [3, 12, 0, 4, 0, 0]
    assert (await group_on(rig, date(2026, 3, 9)), await group_on(rig, date(2026, 9, 1))) == ("CE1", "CE2")
    assert await group_on(rig, date(2026, 9, 1), family=2) == "CE1"
    assert len([kind for kind, _ in await rig.told("roster") if kind == "child_enrolled"]) == 12

    again = await change(http, manager, exceptions=children)
    assert [again[name] for name in counts] == [0, 0, 12, 4, 0, 0]


async def test_children_no_move_names_are_listed_with_the_reason(http: Http, manager: dict[str, str]) -> None:
    asked = {"moves": [{"site_id": SITE, "group": "CM2"}], "programme_ids": [programme("garderie")]}
    answer = await change(http, manager, **asked)

    assert (answer["children"], answer["unplaced_count"]) == (0, 4)
    assert answer["unplaced"][0] == {
        "reference": "E1-1",
        "programme_id": programme("garderie"),
        "site_id": SITE,
        "group": "CE1",
        "message": "Aucun passage ne nomme ce site et ce groupe.",
    }


class Yesterday:
    """Children as they were before somebody changed one of them."""

    def __init__(self, batch: dict[str, Enrolled]) -> None:
        self.batch = batch

    async def in_batches(
        self, municipality_id: str, programme_ids: Collection[str]
    ) -> AsyncIterator[Mapping[str, Enrolled]]:
        yield self.batch


async def test_a_child_somebody_else_changes_meanwhile_is_counted_and_left_to_the_next_call(rig: Rig) -> None:
    roster = rig.stores.roster
    read = await roster.enrolled(TOWN, ["E1-1", "E1-2"])
    await roster.save_enrolled(TOWN, {"E1-1": read["E1-1"]})
    body = SchoolYearBody.model_validate({**CHANGE, "programme_ids": [programme("restaurant")]})

    report = await change_school_year(
        body.asked(), catalogue=rig.stores.catalogue, enrolments=Yesterday(read), roster=roster, clock=rig.clock
    )

    assert report.missed == 1
    assert await group_on(rig, date(2026, 9, 1)) == ""
    second = await roster.child(child_of(1, 2), "hsh_1", TOWN)
    assert second.enrolment_on(programme("restaurant"), date(2026, 9, 1)) is not None


async def test_only_managers_of_the_town_change_the_year(http: Http, issuer: Issuer) -> None:
    for headers in (issuer.agent(TOWN, Role.REGISTRAR), issuer.agent("ailleurs", Role.MANAGER)):
        assert (await http.post(PATH, json=CHANGE, headers=headers)).status == 403


async def test_a_year_that_makes_no_sense_is_refused(http: Http, manager: dict[str, str]) -> None:
    response = await http.post(PATH, json={**CHANGE, "until": "2026-08-31"}, headers=manager)

    assert await refusal(response) == (422, "unusable-school-year")


def accepted(*child_ids: str, **facts: str) -> Told[RequestAnswered]:
    event = RequestAnswered(
        request_id="req_1",
        household_id="hsh_1",
        municipality_id=TOWN,
        category_id=f"{TOWN}.inscription",
        decision="accepted",
        effect="enrolment",
        child_ids=child_ids,
        starts=date(2026, 9, 1),
        facts={"programme": programme("restaurant"), "site": SITE, **facts},
    )
    return Told(event=event, id="1", subject="req_1", sequence=2, municipality_id=TOWN, time=Rig.now)


async def test_an_accepted_request_enrols_its_children_once(rig: Rig) -> None:
    told = accepted(child_of(1), child_of(1, 2), group="CP")
    for _ in range(2):
        await enrol_from_request(told, registry=rig.stores.registry(rig.clock))

    child = await rig.stores.roster.child(child_of(1), "hsh_1", TOWN)
    enrolment = child.enrolment_on(programme("restaurant"), date(2027, 8, 31))
    assert enrolment is not None
    assert (enrolment.group, enrolment.starts, len(child.enrolments)) == ("CP", date(2026, 9, 1), len(PROGRAMMES) + 1)
    assert len(await rig.told("roster")) == 2


async def test_what_an_agent_changed_since_stays(rig: Rig) -> None:
    registry = rig.stores.registry(rig.clock)
    await enrol_from_request(accepted(child_of(1), group="CP"), registry=registry)

    await enrol_from_request(accepted(child_of(1), group="CE1"), registry=registry)

    assert await group_on(rig, date(2026, 9, 1)) == "CP"


async def test_a_child_not_yet_known_is_tried_again_later(rig: Rig) -> None:
    with pytest.raises(Unavailable):
        await enrol_from_request(accepted("chd_later"), registry=rig.stores.registry(rig.clock))


async def test_a_programme_nobody_knows_waits_for_an_operator(rig: Rig) -> None:
    with pytest.raises(UnusableEnrolment):
        await enrol_from_request(
            accepted(child_of(1), programme=f"{TOWN}.piscine"), registry=rig.stores.registry(rig.clock)
        )
