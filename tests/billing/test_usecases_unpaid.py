"""Families are reminded once per step, never while they need not be."""

import asyncio
from dataclasses import replace

import pytest

from services.billing.app.arrears import follow_arrears, reminder_desk_of
from services.billing.app.work import Stores
from services.billing.domain.settlements import Settlement
from services.billing.domain.unpaid.policy import Exemption, ReminderPolicy, exemption_id
from services.billing.usecases.unpaid.exempt import exempt
from services.billing.usecases.unpaid.send_reminders import ReminderDesk, Round, remind_daily, remind_families
from services.billing.usecases.unpaid.set_policy import set_policy
from shared.contracts.billing_unpaid import ReminderSent
from shared.contracts.identity import HouseholdsMerged
from shared.errors import NotFound
from shared.mongo import Database
from shared.versions import VersionMissing, VersionPassed
from tests.billing.arrears import owed
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD, HOUSEHOLD_ID, NOW, OFFICE, TOWN_ID, payment
from tests.billing.telling import told_by


@pytest.fixture
def desk(town: Stores, clock: MovableClock) -> ReminderDesk:
    return reminder_desk_of(town, clock)


def exemption(**changed):
    plain = Exemption(
        id=exemption_id(TOWN_ID, HOUSEHOLD_ID),
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        reason="Plan d'apurement",
        until=None,
        by="acc_1",
        at=NOW,
    )
    return replace(plain, **changed)


async def test_a_family_is_reminded_once_per_step_and_told_with_it(town, desk, clock, db):
    invoice = await owed(town)
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round(by_mail=1, invoices=1)
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round()
    (event,) = await told_by(db, "reminders")
    assert isinstance(event, ReminderSent)
    assert (event.household_id, event.step, event.by, event.total_cents) == (HOUSEHOLD_ID, 1, "mail", 7055)
    assert event.invoices[0].invoice_id == invoice.id
    clock.move(days=20)
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round(by_mail=1, invoices=1)
    clock.move(days=200)
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round()


async def test_two_rounds_at_once_write_one_letter(town, desk, db):
    await owed(town)
    done = await asyncio.gather(*(remind_families(TOWN_ID, OFFICE, desk=desk) for _ in range(4)))
    assert sum(one.by_mail for one in done) == 1
    assert len(await told_by(db, "reminders")) == 1


async def test_what_is_paid_contested_or_under_way_is_left_alone(town: Stores, desk, db: Database):
    paid, part = await owed(town), await owed(town, month="2026-08")
    contested, paying = await owed(town, month="2026-07"), await owed(town, month="2026-06")
    await town.invoices.settle(HOUSEHOLD_ID, paid.id, Settlement(source="pay_1", kind="payment", cents=7055, at=NOW))
    await town.invoices.settle(HOUSEHOLD_ID, part.id, Settlement(source="pay_1", kind="payment", cents=55, at=NOW))
    await db["contestations"].insert_one(
        {"_id": "x", "household_id": HOUSEHOLD_ID, "municipality_id": TOWN_ID, "invoice_id": contested.id}
        | {"state": "open", "version": 1, "line": 0, "key": "key-x"}
    )
    await town.payments.add(payment(paying), [])
    await remind_families(TOWN_ID, OFFICE, desk=desk)
    (event,) = await told_by(db, "reminders")
    assert [(one.invoice_id, one.remaining_cents) for one in event.invoices] == [(part.id, 7000)]


async def test_an_exempt_family_is_left_in_peace_until_its_day(town, desk, clock):
    await owed(town)
    await exempt(exemption(until=NOW.date()), families=town.families, exemptions=town.arrears.exemptions)
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round()
    clock.move(days=1)
    assert (await remind_families(TOWN_ID, OFFICE, desk=desk)).by_mail == 1


async def test_only_families_of_the_town_are_exempted(town):
    with pytest.raises(NotFound):
        await exempt(exemption(household_id="hsh_other"), families=town.families, exemptions=town.arrears.exemptions)


async def test_a_family_nobody_can_mail_gets_a_letter_by_post(town, desk):
    await owed(town, household="hsh_unknown")
    assert await remind_families(TOWN_ID, OFFICE, desk=desk) == Round(by_post=1, invoices=1)


async def test_the_debts_of_a_merged_household_reach_the_one_that_was_kept(town, desk, db):
    await owed(town, household="hsh_before")
    merged = HouseholdsMerged(
        merge_id="mrg_1",
        municipality_id=TOWN_ID,
        kept_household_id=HOUSEHOLD_ID,
        merged_household_id="hsh_before",
        children=(),
    )
    await town.former.keep(merged, 1, undone=False)
    await remind_families(TOWN_ID, OFFICE, desk=desk)
    (event,) = await told_by(db, "reminders")
    assert (event.household_id, event.by) == (HOUSEHOLD.id, "mail")


async def test_rounds_go_by_themselves_once_a_day_from_morning_on(town, desk, clock, db):
    await owed(town)
    said: list[str] = []

    def tell(key: str, **_: object) -> None:
        said.append(key)

    clock.now = NOW.replace(hour=5)
    await remind_daily(desk, tell)
    assert said == []
    clock.now = NOW.replace(hour=7)
    await remind_daily(desk, tell)
    await remind_daily(desk, tell)
    assert len(said) == 2
    assert len(await told_by(db, "reminders")) == 1


async def test_a_policy_is_changed_by_whoever_read_it(town):
    policies = town.arrears.policies
    wanted = ReminderPolicy(id=OFFICE.id, municipality_id=TOWN_ID, enabled=False)
    with pytest.raises(VersionMissing):
        await set_policy(wanted, "", policies=policies)
    assert (await set_policy(wanted, '"0"', policies=policies)).version == 1
    with pytest.raises(VersionPassed):
        await set_policy(wanted, '"0"', policies=policies)


async def test_the_work_of_a_minute_goes_through_on_an_empty_town(town, clock):
    await follow_arrears(town, clock)
    assert await town.arrears.rounds.done_on(OFFICE.id) == NOW.date()
