"""The roster on a real database: whatever order imports, adhesions and profiles come in."""

import asyncio
from datetime import date
from itertools import permutations

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments import Enrolled
from services.reservations.store.backfill import fill_in
from services.reservations.store.roster import ROSTER_SCHEMA, RosterStore
from shared import mongo
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled, JoinedChild, ProfiledChild
from shared.errors import Conflict, NotFound
from shared.mongo import Database
from tests.reservations.sample_town import TOWN

MEALS = Enrolment(
    programme_id=f"{TOWN}.restaurant",
    site_id=f"{TOWN}.ecole-des-tilleuls",
    group="CE1",
    starts=date(2025, 9, 1),
    ends=date(2026, 7, 3),
)
DAY = date(2026, 3, 10)


@pytest.fixture
async def roster(database: Database) -> RosterStore:
    await mongo.apply(database, mongo.Schema(version=1, collections=dict(ROSTER_SCHEMA)))
    return RosterStore(database)


def joined(
    *children: tuple[str, str], household: str = "hsh_1", town: str = TOWN, resident: bool = True
) -> AdhesionJoined:
    return AdhesionJoined(
        household_id=household,
        municipality_id=town,
        family_file_id="ff_1",
        family_reference="F1",
        resident=resident,
        children=tuple(JoinedChild(child_id=child_id, reference=reference) for child_id, reference in children),
    )


def profiled(*children: tuple[str, str], household: str = "hsh_1", born: date = date(2018, 4, 2)) -> HouseholdProfiled:
    return HouseholdProfiled(
        household_id=household,
        name="Marin",
        municipality_ids=(TOWN,),
        guardians=(),
        children=tuple(
            ProfiledChild(child_id=child_id, first_name=name, last_name="Marin", birth_date=born)
            for child_id, name in children
        ),
    )


ZOE, ALI = ("chd_zoe", "E1"), ("chd_ali", "E2")


async def enrol(roster: RosterStore, *references: str, enrolment: Enrolment = MEALS, town: str = TOWN) -> None:
    await roster.save_enrolled(town, {one: Enrolled(enrolments=(enrolment,)) for one in references})


async def told_all(roster: RosterStore) -> list[tuple[str, str, bool, int]]:
    return [
        (child.child_id, child.first_name, child.resident, len(child.enrolments))
        for child in await roster.children_of("hsh_1")
    ]


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_import_adhesion_and_profile_may_come_in_any_order(roster: RosterStore, order: tuple[int, ...]) -> None:
    steps = [
        lambda: enrol(roster, "E1"),
        lambda: roster.link_children(joined(ZOE), 3),
        lambda: roster.set_names(profiled(("chd_zoe", "Zoé")), 3),
    ]
    for number in order:
        await steps[number]()

    assert await told_all(roster) == [("chd_zoe", "Zoé", True, 1)]


@pytest.mark.parametrize("order", [*permutations(range(3)), (0, 1, 2, 0, 1, 2), (2, 2, 1, 1, 0, 0)])
async def test_the_newest_adhesion_holds_however_messages_arrive(roster: RosterStore, order: tuple[int, ...]) -> None:
    told = [
        (joined(ZOE, resident=False), 3),
        (joined(ZOE, ALI, resident=False), 5),
        (joined(ZOE, resident=True), 7),
    ]
    for number in order:
        await roster.link_children(*told[number])

    assert await told_all(roster) == [("chd_zoe", "", True, 0)]


@pytest.mark.parametrize("order", [*permutations(range(2))])
async def test_the_newest_names_hold_however_messages_arrive(roster: RosterStore, order: tuple[int, ...]) -> None:
    await roster.link_children(joined(ZOE), 1)
    told = [(profiled(("chd_zoe", "Zoe")), 3), (profiled(("chd_zoe", "Zoé")), 4)]
    for number in (*order, *order):
        await roster.set_names(*told[number])

    assert await told_all(roster) == [("chd_zoe", "Zoé", True, 0)]


@pytest.mark.parametrize("order", [*permutations(range(4)), (3, 2, 1, 0, 3, 2, 1, 0)])
async def test_ages_are_those_of_the_newest_profile_however_messages_arrive(
    roster: RosterStore, order: tuple[int, ...]
) -> None:
    steps = [
        lambda: roster.link_children(joined(ZOE), 3),
        lambda: roster.link_children(joined(ZOE, resident=False), 6),
        lambda: roster.set_names(profiled(("chd_zoe", "Zoé"), born=date(2018, 4, 2)), 3),
        lambda: roster.set_names(profiled(("chd_zoe", "Zoé"), born=date(2019, 4, 2)), 5),
    ]
    for number in order:
        await steps[number]()

    assert (await roster.child("chd_zoe", "hsh_1", TOWN)).birth_date == date(2019, 4, 2)


@pytest.mark.parametrize("round_", range(5))
async def test_adhesion_and_profile_kept_at_the_same_moment_leave_no_child_without_an_age(
    roster: RosterStore, round_: int
) -> None:
    children = [(f"chd_{number}", f"E{number}") for number in range(8)]
    await asyncio.gather(
        *(roster.link_children(joined(child, household=f"hsh_{child[0]}"), 1) for child in children),
        *(roster.set_names(profiled((child[0], "Zoé"), household=f"hsh_{child[0]}"), 1) for child in children),
    )

    found = await roster.enrolled_children(TOWN, [child_id for child_id, _ in children])
    assert {child.birth_date for one in found.values() for child in one} == {date(2018, 4, 2)}


async def test_each_household_says_the_age_of_its_own_children_alone(roster: RosterStore) -> None:
    await roster.link_children(joined(("chd_hers", "E1"), household="hsh_1"), 1)
    await roster.link_children(joined(("chd_his", "E1"), household="hsh_2"), 1)
    await roster.set_names(profiled(("chd_hers", "Zoé"), ("chd_his", "Zoé"), household="hsh_1"), 1)

    assert (await roster.child("chd_hers", "hsh_1", TOWN)).birth_date == date(2018, 4, 2)
    assert (await roster.child("chd_his", "hsh_2", TOWN)).birth_date is None


async def test_migrating_fills_in_what_earlier_versions_did_not_keep(roster: RosterStore, database: Database) -> None:
    await enrol(roster, "E1")
    await roster.link_children(joined(ZOE), 1)
    await roster.set_names(profiled(("chd_zoe", "Zoé")), 1)
    newer = ("links.0.birth_date", "links.0.profiled", "enrolments.0.id", "enrolments.0.category", "enrolments.0.diet")
    await database["roster"].update_one({}, {"$unset": dict.fromkeys(newer, "")})
    bare = await roster.child("chd_zoe", "hsh_1", TOWN)
    assert (bare.birth_date, bare.enrolments, bare.enrolments[0].id) == (None, (MEALS,), "")

    await fill_in(database)
    filled = await roster.child("chd_zoe", "hsh_1", TOWN)
    assert (filled.birth_date, filled.enrolments) == (date(2018, 4, 2), (MEALS,))
    await fill_in(database)
    assert filled.enrolments[0].id == (await roster.child("chd_zoe", "hsh_1", TOWN)).enrolments[0].id != ""


async def test_a_child_is_found_by_its_household_and_town_alone(roster: RosterStore) -> None:
    await roster.link_children(joined(ZOE), 1)
    await enrol(roster, "E1")

    found = await roster.child("chd_zoe", "hsh_1", TOWN)
    assert (found.reference, found.enrolments) == ("E1", (MEALS,))
    for asked in (("chd_zoe", "hsh_2", TOWN), ("chd_zoe", "hsh_1", "ailleurs"), ("chd_ali", "hsh_1", TOWN)):
        with pytest.raises(NotFound):
            await roster.child(*asked)


async def test_a_child_nobody_has_joined_yet_is_nobodys(roster: RosterStore) -> None:
    await enrol(roster, "E1")

    assert await roster.children_on(TOWN, MEALS.programme_id, MEALS.site_id, DAY) == []


async def test_separated_parents_each_have_the_child(roster: RosterStore) -> None:
    await enrol(roster, "E1")
    await roster.link_children(joined(("chd_hers", "E1"), household="hsh_1"), 9)
    await roster.link_children(joined(("chd_his", "E1"), household="hsh_2"), 2)

    assert [child.child_id for child in await roster.children_of("hsh_1")] == ["chd_hers"]
    assert [child.child_id for child in await roster.children_of("hsh_2")] == ["chd_his"]
    assert (await roster.child("chd_his", "hsh_2", TOWN)).enrolments == (MEALS,)
    with pytest.raises(NotFound):
        await roster.child("chd_hers", "hsh_2", TOWN)


async def test_a_household_of_two_towns_has_a_row_per_town(roster: RosterStore) -> None:
    await roster.link_children(joined(ZOE), 1)
    await roster.link_children(joined(("chd_zoe", "K9"), town="le-val-dore", resident=False), 2)

    rows = {child.municipality_id: child for child in await roster.children_of("hsh_1")}
    assert (rows[TOWN].resident, rows["le-val-dore"].resident) == (True, False)
    assert (await roster.child("chd_zoe", "hsh_1", "le-val-dore")).reference == "K9"


async def test_leaving_a_child_out_in_one_town_keeps_it_in_the_other(roster: RosterStore) -> None:
    await roster.link_children(joined(ZOE), 1)
    await roster.link_children(joined(("chd_zoe", "K9"), town="le-val-dore"), 2)
    await roster.link_children(joined(), 3)

    assert [child.municipality_id for child in await roster.children_of("hsh_1")] == ["le-val-dore"]


async def test_a_days_list_has_the_children_enrolled_there_then_by_name(roster: RosterStore) -> None:
    later = Enrolment(**{**vars(MEALS), "site_id": f"{TOWN}.ecole-jean-mace", "starts": date(2026, 1, 5)})
    await roster.link_children(joined(ZOE, ALI, ("chd_luc", "E3")), 1)
    await roster.set_names(profiled(("chd_zoe", "Zoé"), ("chd_ali", "Ali"), ("chd_luc", "Luc")), 1)
    await enrol(roster, "E1", "E2")
    await roster.save_enrolled(TOWN, {"E3": Enrolled(enrolments=(MEALS, later))})

    async def names(site: str, day: date) -> list[str]:
        found = await roster.children_on(TOWN, MEALS.programme_id, f"{TOWN}.{site}", day)
        return [child.first_name for child in found]

    assert await names("ecole-des-tilleuls", date(2025, 10, 1)) == ["Ali", "Luc", "Zoé"]
    assert await names("ecole-des-tilleuls", DAY) == ["Ali", "Zoé"]
    assert await names("ecole-jean-mace", DAY) == ["Luc"]
    assert await names("ecole-des-tilleuls", date(2026, 7, 4)) == []


async def test_agents_find_children_of_their_own_town_only(roster: RosterStore) -> None:
    await roster.link_children(joined(ZOE), 1)
    await roster.set_names(profiled(("chd_zoe", "Zoé")), 1)

    assert (await roster.children_in(TOWN, ["chd_zoe", "chd_ali"]))["chd_zoe"].first_name == "Zoé"
    assert await roster.children_in("ailleurs", ["chd_zoe"]) == {}


async def test_enrolments_are_saved_upon_the_version_they_were_read_at(roster: RosterStore) -> None:
    await enrol(roster, "E1")
    known = (await roster.enrolled(TOWN, ["E1", "E2"]))["E1"]
    assert (known.version, known.enrolments) == (1, (MEALS,))
    await roster.save_enrolled(TOWN, {"E1": Enrolled(version=1)})

    for stale in (Enrolled(version=1, enrolments=(MEALS,)), Enrolled(enrolments=(MEALS,))):
        with pytest.raises(Conflict):
            await roster.save_enrolled(TOWN, {"E1": stale})
    assert (await roster.enrolled(TOWN, ["E1"]))["E1"].enrolments == ()
