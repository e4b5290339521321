"""Towns on a real database: versions, events, the memory of 2 s."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest

from services.reservations.domain.calendar import DayKind
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.catalogue import replace as replacing
from services.reservations.domain.programmes import Programme
from services.reservations.store.catalogue import CATALOGUE_SCHEMA, CatalogueStore, Versioned
from services.reservations.usecases.import_programmes import import_programmes
from shared import mongo
from shared.contracts.identity import MunicipalitySet
from shared.errors import Conflict, NotFound
from shared.mongo import Database
from tests.reservations.rig import town_file
from tests.reservations.sample_town import PERIODS, TOWN, town

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CATALOGUE = Catalogue(sites=town().sites, programmes=town().programmes)
SETTINGS = MunicipalitySet(
    municipality_id=TOWN,
    name="Sainte-Aurore",
    time_zone="Europe/Paris",
    school_zone="B",
    public_holidays="metropole",
    contact_email="enfance@sainte-aurore.example",
    contact_phone="02 61 91 20 00",
    contact_address="1 place de la Mairie",
    opening_view="agenda",
    services=("Restaurant scolaire",),
)


@dataclass
class Watch:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Woken:
    collections: list[str] = field(default_factory=list)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
async def stored(database: Database) -> Database:
    await mongo.apply(database, mongo.Schema(version=1, collections=dict(CATALOGUE_SCHEMA)))
    return database


@pytest.fixture
def catalogue(stored: Database, watch: Watch, woken: Woken) -> CatalogueStore:
    return CatalogueStore(stored, woken.collections.append, watch)


async def publish(catalogue: CatalogueStore, new: Catalogue = CATALOGUE) -> None:
    current = await catalogue.versioned(TOWN)
    events = replacing(current.catalogue, new).events
    await catalogue.replace_catalogue(TOWN, current.version, new, events, NOW)


def renamed(name: str) -> Catalogue:
    code = f"{TOWN}.restaurant"
    programme: Programme = replace(CATALOGUE.programmes[code], name=name)
    return replace(CATALOGUE, programmes={**CATALOGUE.programmes, code: programme})


async def test_a_town_comes_back_as_it_was_put_in(catalogue: CatalogueStore) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    await publish(catalogue)
    await catalogue.replace_periods(TOWN, 2, PERIODS)

    assert await catalogue.town(TOWN) == town()
    assert (await catalogue.town(TOWN)).calendar.kind_of(date(2026, 2, 16)).kind is DayKind.HOLIDAY


async def test_programmes_may_come_before_the_towns_settings(catalogue: CatalogueStore) -> None:
    await publish(catalogue)
    with pytest.raises(NotFound):
        await catalogue.town(TOWN)

    await catalogue.set_municipality(SETTINGS, 1)
    assert (await catalogue.town(TOWN)).programmes == CATALOGUE.programmes


@pytest.mark.parametrize("unknown", ["sainte-aurore.piscine", "ailleurs.repas", "repas", ".repas", "sainte-aurore."])
async def test_what_no_town_offers_is_not_found(catalogue: CatalogueStore, unknown: str) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    await publish(catalogue)

    with pytest.raises(NotFound):
        await catalogue.town_of_activity(unknown)
    with pytest.raises(NotFound):
        await catalogue.town_of_programme(unknown)


async def test_an_activity_and_a_programme_lead_to_their_town(catalogue: CatalogueStore) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    await publish(catalogue)

    assert (await catalogue.town_of_activity(f"{TOWN}.repas")).municipality_id == TOWN
    assert (await catalogue.town_of_programme(f"{TOWN}.garderie")).municipality_id == TOWN


async def test_programmes_are_told_in_the_write_that_keeps_them(
    catalogue: CatalogueStore, stored: Database, woken: Woken
) -> None:
    await publish(catalogue)

    document = await stored["towns"].find_one({"_id": TOWN})
    assert document is not None
    assert document["version"] == 1
    assert [entry["subject"] for entry in document["outbox"]] == list(CATALOGUE.programmes)
    assert {entry["type"] for entry in document["outbox"]} == {"reservations.programme_published.v1"}
    assert woken.collections == ["towns"]


async def test_only_programmes_that_changed_are_told_again(catalogue: CatalogueStore, stored: Database) -> None:
    await publish(catalogue)
    await stored["towns"].update_one({"_id": TOWN}, {"$set": {"outbox": []}})
    await publish(catalogue, renamed("Cantine"))

    document = await stored["towns"].find_one({"_id": TOWN})
    assert document is not None
    (entry,) = document["outbox"]
    assert entry["subject"] == f"{TOWN}.restaurant"
    assert '"sequence": 2' in entry["body"]


async def test_of_two_imports_at_the_same_moment_one_is_told_to_try_again(catalogue: CatalogueStore) -> None:
    await publish(catalogue)
    imports = [catalogue.replace_catalogue(TOWN, 1, renamed(name), [], NOW) for name in ("Cantine", "Restaurant")]

    outcomes = await asyncio.gather(*imports, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict]


async def test_a_file_is_taken_over_although_the_towns_settings_arrive_meanwhile(
    catalogue: CatalogueStore, stored: Database
) -> None:
    class Meeting(CatalogueStore):
        """Others write the town's settings each time somebody looks at it, the first two times."""

        looked = 0

        async def versioned(self, municipality_id: str) -> Versioned:
            found = await super().versioned(municipality_id)
            self.looked += 1
            if self.looked <= 2:
                await catalogue.set_municipality(SETTINGS, self.looked)
            return found

    meeting = Meeting(stored, lambda _: None)
    await import_programmes(TOWN, town_file(), catalogue=meeting, clock=lambda: NOW)

    assert f"{TOWN}.restaurant" in (await catalogue.town(TOWN)).programmes
    assert meeting.looked == 3


@pytest.mark.parametrize("first", [0, 7])
async def test_a_write_upon_a_version_that_never_was_is_refused(catalogue: CatalogueStore, first: int) -> None:
    await publish(catalogue)

    with pytest.raises(Conflict):
        await catalogue.replace_periods(TOWN, first, PERIODS)


async def test_older_settings_change_nothing_whatever_the_order(catalogue: CatalogueStore) -> None:
    renamed_town = SETTINGS.model_copy(update={"name": "Sainte-Aurore-les-Bains"})
    for settings, sequence in ((renamed_town, 5), (SETTINGS, 4), (renamed_town, 5)):
        await catalogue.set_municipality(settings, sequence)

    assert (await catalogue.town(TOWN)).name == "Sainte-Aurore-les-Bains"


async def test_a_change_made_by_another_process_counts_within_two_seconds(
    catalogue: CatalogueStore, stored: Database, watch: Watch
) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    before = await catalogue.town(TOWN)
    await CatalogueStore(stored, lambda _: None).set_municipality(SETTINGS.model_copy(update={"name": "Autre"}), 9)

    watch.now += 1.9
    assert await catalogue.town(TOWN) is before
    watch.now += 0.2
    assert (await catalogue.town(TOWN)).name == "Autre"


async def test_a_town_that_did_not_change_is_not_built_again(catalogue: CatalogueStore, watch: Watch) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    before = await catalogue.town(TOWN)
    watch.now += 60

    assert await catalogue.town(TOWN) is before


async def test_a_process_sees_its_own_import_at_once(catalogue: CatalogueStore) -> None:
    await catalogue.set_municipality(SETTINGS, 1)
    await publish(catalogue)
    await catalogue.town(TOWN)
    await publish(catalogue, renamed("Cantine"))

    assert (await catalogue.town(TOWN)).programme(f"{TOWN}.restaurant").name == "Cantine"
