"""The sandbox town: invented events as real ones look, which belong together, and are told nobody else."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime

import pytest

from services.partners.app import NoSandbox, synthesize
from services.partners.app.arrivals import Arrivals
from services.partners.app.sandbox import Sandbox
from services.partners.domain.synthetic.story import STEPS, happening
from services.partners.settings import Settings
from services.partners.store import LogStore
from shared.contracts.billing import InvoiceIssued, InvoicesPaid
from shared.contracts.disclosure import DISCLOSED, PROFILES
from shared.contracts.reservations_at_the_door import MealOrderFrozen
from shared.mongo import Database

TOWN = "bac-a-sable"
FRIDAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ALL = [happening(TOWN, number, FRIDAY) for number in range(5 * len(STEPS))]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_finds_something_of_its_own(profile: str) -> None:
    told = {one.event.topic for one in ALL}
    assert len({topic for topic in told if profile in DISCLOSED[topic]}) >= 3


def test_the_same_number_is_always_the_same_happening() -> None:
    assert ALL[7] == happening(TOWN, 7, FRIDAY)


def test_what_belongs_together_has_the_same_ids() -> None:
    issued = {one.event.invoice_id: one.event.total_cents for one in ALL if isinstance(one.event, InvoiceIssued)}
    paid = {one.event.invoice_ids[0]: one.event.amount_cents for one in ALL if isinstance(one.event, InvoicesPaid)}
    assert issued == paid
    assert len(issued) == 5


def test_events_of_a_subject_are_numbered_upwards() -> None:
    seen = defaultdict(list)
    for one in ALL:
        seen[one.subject].append(one.sequence)
    assert all(numbers == sorted(set(numbers)) for numbers in seen.values())
    assert any(len(numbers) > 2 for numbers in seen.values())


@pytest.mark.parametrize("today", [date(2026, 11, day) for day in range(16, 23)])
def test_meals_are_ordered_for_school_days(today: date) -> None:
    told = [happening(TOWN, number, today).event for number in range(len(STEPS))]
    [frozen] = [event for event in told if isinstance(event, MealOrderFrozen)]
    assert today < frozen.date
    assert frozen.date.weekday() < 5


async def test_the_story_goes_on_in_the_log_where_it_was(db: Database) -> None:
    arrivals = Arrivals()
    for many in (5, 9):
        await Sandbox(db, TOWN, arrivals, lambda: NOW).tell(many)

    facts = await LogStore(db).page(TOWN, 0, 100)
    assert [fact.position for fact in facts] == list(range(1, 15))
    assert [fact.type for fact in facts] == [one.event.topic for one in ALL[:14]]
    assert json.loads(facts[0].body)["municipality"] == TOWN
    assert arrivals.count(TOWN) == 2


async def test_without_a_sandbox_town_nothing_is_invented() -> None:
    settings = Settings(http_port=1, jwks_url="", mongo_url="", mongo_database="", amqp_url="")
    with pytest.raises(NoSandbox):
        await synthesize(settings, 1)
