"""Debts go to the Treasury once, in a file that never changes; what it answers counts once."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from services.billing.app.arrears import follow_arrears, mailroom_of, reminder_desk_of, treasury_desk_of
from services.billing.app.work import Stores
from services.billing.domain.invoices import Invoice
from services.billing.domain.settlements import Settlement
from services.billing.domain.treasury.collection import Batch, NothingToHandOver, TreasuryNotSet, WrongSiret
from services.billing.domain.treasury.imports import OtherOffice
from services.billing.usecases.treasury.answer import answer_batch, mark_sent
from services.billing.usecases.treasury.desk import Asked, TreasuryDesk
from services.billing.usecases.treasury.hand_over import hand_over_debts, prepare_unfinished
from services.billing.usecases.treasury.import_return import Brought, import_return
from services.billing.usecases.treasury.preview import candidates
from services.billing.usecases.treasury.set_settings import set_settings
from services.billing.usecases.unpaid.send_reminders import remind_families
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack
from shared.errors import KeyReused
from tests.billing.arrears import CODES, impatient, owed
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, OTHER_OFFICE, TOWN_ID, payment
from tests.billing.telling import told_by


@pytest.fixture
def desk(town: Stores, clock: MovableClock) -> TreasuryDesk:
    return treasury_desk_of(town, clock)


def asking(key: str = "key-00001", *invoices: Invoice, **changed: Any) -> Asked:
    plain = Asked(
        municipality_id=TOWN_ID,
        office=OFFICE,
        invoice_ids=tuple(one.id for one in invoices) or None,
        by="acc_1",
        key=key,
        fingerprint=f"of {key}",
    )
    return replace(plain, **changed)


async def pressed(stores: Stores, clock: MovableClock, *invoices: dict[str, Any]) -> list[Invoice]:
    """Unpaid, reminded and old enough."""
    await impatient(stores)
    found = [await owed(stores, **one) for one in invoices]
    await remind_families(TOWN_ID, OFFICE, desk=reminder_desk_of(stores, clock))
    return found


async def handed(stores: Stores, clock: MovableClock, *invoices: dict[str, Any]) -> tuple[Batch, list[Invoice]]:
    found = await pressed(stores, clock, *invoices)
    return await hand_over_debts(asking(), desk=treasury_desk_of(stores, clock)), found


async def states(stores: Stores, *invoices: Invoice) -> list[str]:
    found = [await stores.invoices.get(one.household_id, one.id) for one in invoices]
    return [one.state for one in found]


async def test_nothing_is_handed_over_before_the_codes_are_known(town, desk):
    with pytest.raises(TreasuryNotSet):
        await hand_over_debts(asking(), desk=desk)
    with pytest.raises(WrongSiret):
        await set_settings(replace(CODES, siret="21380012100014"), '"0"', settings=town.arrears.treasury)


async def test_a_batch_has_the_debts_their_file_and_their_state(town, desk, clock, db):
    batch, invoices = await handed(
        town, clock, {}, {"cents": 900, "month": "2026-08"}, {"cents": 700, "month": "2026-07"}
    )
    assert (batch.state, batch.number, batch.orders, batch.cents) == ("ready", 1, 2, 8655)
    assert await states(town, *invoices) == ["handed_over"] * 3
    content, sha256 = await town.arrears.batches.file(TOWN_ID, batch.id)
    assert sha256 == batch.sha256 == hashlib.sha256(content).hexdigest()
    root = ElementTree.fromstring(content)
    assert [one.get("V") for one in root.iter("MtHT")] == ["70.55", "16.00"]
    assert [one.get("V") for one in root.iter("NumDette")] == ["2026000001", "2026000002"]
    events = await told_by(db, "collection_orders")
    assert [(type(one), one.amount_cents, len(one.invoice_ids)) for one in events] == [
        (DebtHandedOver, 7055, 1),
        (DebtHandedOver, 1600, 2),
    ]
    postings = [one async for one in db["invoices"].find({}, {"unsealed": 1})]
    moved = [entry["cents"] for one in postings for entry in one["unsealed"] if entry["kind"] == "handed_over"]
    assert sorted(moved) == [-7055, -900, -700]


async def test_the_same_asking_gives_the_same_batch(town, desk, clock):
    batch, _ = await handed(town, clock, {})
    assert (await hand_over_debts(asking(), desk=desk)).id == batch.id
    with pytest.raises(KeyReused):
        await hand_over_debts(asking(fingerprint="other"), desk=desk)
    with pytest.raises(NothingToHandOver):
        await hand_over_debts(asking("key-00002"), desk=desk)


async def test_two_agents_at_once_hand_each_debt_over_once(town, desk, clock, db):
    await pressed(town, clock, {}, {"month": "2026-08"})
    done = await asyncio.gather(
        *(hand_over_debts(asking(f"key-0000{at}"), desk=desk) for at in range(3)), return_exceptions=True
    )
    batches = [one for one in done if isinstance(one, Batch)]
    assert sum(one.orders for one in batches) == 2
    assert await db["collection_orders"].count_documents({}) == 2
    assert {one.state for one in batches} <= {"ready", "empty"}


async def test_only_candidates_go(town, desk, clock):
    (invoice,) = await pressed(town, clock, {})
    small = await owed(town, 500, month="2026-08")
    with pytest.raises(NothingToHandOver):
        await hand_over_debts(asking("key-00001", invoice, small), desk=desk)
    assert (await hand_over_debts(asking("key-00002", invoice), desk=desk)).orders == 1


async def test_the_preview_says_why_an_invoice_stays(town: Stores, desk, clock):
    await pressed(town, clock, {"cents": 900}, {"household": "hsh_unknown", "cents": 2000})
    await owed(town, 3000, month="2026-08")
    found = [one async for one in candidates(TOWN_ID, OFFICE, desk=desk)]
    kept = {(one.household_id, why) for one in found for _, why in one.kept}
    assert kept == {
        (HOUSEHOLD_ID, "below_threshold"),
        (HOUSEHOLD_ID, "not_reminded"),
        ("hsh_unknown", "debtor_unknown"),
    }
    assert all(one.debts == () for one in found)


async def test_an_invoice_paid_while_the_batch_is_made_stays(town: Stores, clock):
    """The payment page opens between the choice and the hand-over."""
    (invoice,) = await pressed(town, clock, {})
    desk = treasury_desk_of(town, clock)

    class PayingMeanwhile:
        def __getattr__(self, name: str) -> Any:
            return getattr(town.arrears.batches, name)

        async def open(self, batch: Batch) -> Batch:
            await town.payments.add(payment(invoice), [])
            return await town.arrears.batches.open(batch)

    batch = await hand_over_debts(asking(), desk=replace(desk, batches=PayingMeanwhile()))
    assert (batch.state, await states(town, invoice)) == ("empty", ["open"])


async def test_a_batch_that_was_cut_off_is_finished(town: Stores, clock, db):
    """Killed after each step it ends the same: no debt twice, no invoice left between."""
    invoices = await pressed(town, clock, {}, {"month": "2026-08"})
    desk = treasury_desk_of(town, clock)

    class Dies(Exception):
        pass

    class Dying:
        def __init__(self, parts: Any, name: str) -> None:
            self._parts, self._name = parts, name

        def __getattr__(self, name: str) -> Any:
            if name == self._name:
                raise Dies()
            return getattr(self._parts, name)

    for parts in ({"orders": Dying(desk.orders, "add")}, {"batches": Dying(desk.batches, "keep_file")}):
        with pytest.raises(Dies):
            await hand_over_debts(asking(), desk=replace(desk, **parts))
    clock.move(minutes=3)
    assert await prepare_unfinished(desk) == 1
    batch = await town.arrears.batches.by_key(TOWN_ID, "key-00001")
    assert (batch.state, batch.orders, batch.number) == ("ready", 2, 1)
    assert await states(town, *invoices) == ["handed_over"] * 2
    numbers = [one["number"] async for one in db["collection_orders"].find().sort("number", 1)]
    assert numbers == ["2026000001", "2026000002"]


async def test_a_refused_file_gives_every_debt_back(town: Stores, desk, clock, db):
    batch, invoices = await handed(town, clock, {})
    assert (await mark_sent(TOWN_ID, batch.id, desk=desk)).state == "sent"
    refused = await answer_batch(TOWN_ID, batch.id, accepted=False, reason="Code produit inconnu", desk=desk)
    again = await answer_batch(TOWN_ID, batch.id, accepted=False, reason="Code produit inconnu", desk=desk)
    assert (refused.state, again) == ("refused", refused)
    assert await states(town, *invoices) == ["open"]
    (order,) = await town.arrears.orders.of_batch(TOWN_ID, batch.id)
    assert order.state == "rejected"
    told = await told_by(db, "collection_orders")
    assert [type(one) for one in told] == [DebtHandedOver, DebtTakenBack]
    second = await hand_over_debts(asking("key-00002"), desk=desk)
    assert (second.number, second.orders) == (2, 1)


def returned(*pieces: str, collectivity: str = "400") -> bytes:
    return f"""<PES_Retour><EnTetePES><IdPost V="038012"/><CodCol V="{collectivity}"/></EnTetePES><PES_RecetteRetour>
    <Bordereau><BlocBordereau><Exer V="2026"/><TypBord V="06"/></BlocBordereau>{"".join(pieces)}</Bordereau>
    </PES_RecetteRetour></PES_Retour>""".encode()


def collected(number: str, amount: str, name: str = "E1", day: str = "2026-12-20") -> str:
    entry = f'<Emargement><IdEmarg V="{name}"/><DteEmarg V="{day}"/><MtEmarg V="{amount}"/></Emargement>'
    return f'<Piece><NumDette V="{number}"/>{entry}</Piece>'


def state(number: str, code: str, reason: str = "") -> str:
    return (
        f'<Piece><NumDette V="{number}"/><EtatPce V="{code}"/><DteEtat V="2026-12-20"/>'
        f'<MotifRejet V="{reason}"/></Piece>'
    )


async def bring(stores: Stores, clock: MovableClock, content: bytes, office: Any = OFFICE) -> Any:
    brought = Brought(municipality_id=TOWN_ID, office=office, content=content, by="acc_1")
    return await import_return(brought, room=mailroom_of(stores, clock))


async def test_sums_collected_settle_the_oldest_invoice_first_and_once(town: Stores, clock):
    clock.move(days=1)
    batch, (newer, older) = await handed(
        town, clock, {"cents": 900}, {"cents": 700, "month": "2026-08", "due": "2026-10-01"}
    )
    clock.move(days=30)
    first = await bring(town, clock, returned(collected("2026000001", "10.00")))
    assert (first.said, first.fresh, first.collected_cents) == (1, 1, 1000)
    assert await states(town, older, newer) == ["paid", "handed_over"]
    assert (await bring(town, clock, returned(collected("2026000001", "10.00")))) == first
    overlapping = returned(collected("2026000001", "10.00"), collected("2026000001", "6,00", "E2"))
    assert (await bring(town, clock, overlapping)).fresh == 1
    assert await states(town, older, newer) == ["paid", "paid"]
    (order,) = await town.arrears.orders.of_batch(TOWN_ID, batch.id)
    assert (order.state, order.collected_cents) == ("collected", 1600)
    receipt = await town.money.receipts.by_source(f"trs_{order.id}/collected/E1")
    assert (receipt.mode, receipt.cents, receipt.booked_on.isoformat()) == ("treasury", 1000, "2026-12-20")


async def test_more_than_was_owed_is_a_task_not_a_refund(town: Stores, clock, db):
    await handed(town, clock, {})
    await bring(town, clock, returned(collected("2026000001", "80.55")))
    (task,) = await town.arrears.tasks.of_office(OFFICE.id, state="open", kind=None, after="", limit=10)
    assert (task.kind, task.cents, task.difference_cents) == ("too_much_collected", 8055, 1000)
    assert await db["refunds"].count_documents({}) == 0


async def test_a_rejected_debt_is_the_offices_again(town: Stores, clock):
    _, invoices = await handed(town, clock, {}, {"month": "2026-08"})
    done = await bring(town, clock, returned(state("2026000001", "04", "NPAI"), state("2026000002", "03")))
    assert (done.rejected, await states(town, *invoices)) == (1, ["open", "handed_over"])
    orders = await town.arrears.orders.of_household(HOUSEHOLD_ID)
    assert [one.state for one in orders] == ["suspended", "rejected"]


async def test_a_debt_given_up_is_written_off(town: Stores, clock):
    _, (invoice,) = await handed(town, clock, {})
    await bring(town, clock, returned(collected("2026000001", "20.00"), state("2026000001", "05", "Irrécouvrable")))
    found = await town.invoices.get(HOUSEHOLD_ID, invoice.id)
    assert (found.state, found.remaining_cents) == ("paid", 0)
    assert [(one.kind, one.cents) for one in found.settlements] == [("treasury", 2000), ("remission", 5055)]


async def test_what_is_none_of_ours_becomes_a_task(town: Stores, clock):
    await handed(town, clock, {})
    done = await bring(town, clock, returned(collected("2026999999", "5.00")))
    assert (done.unknown, done.collected_cents) == (("2026999999",), 0)
    (task,) = await town.arrears.tasks.of_office(OFFICE.id, state="open", kind=None, after="", limit=10)
    assert (task.kind, task.cents) == ("unknown_debt", 500)


async def test_a_return_of_another_office_is_refused(town: Stores, clock):
    await handed(town, clock, {})
    with pytest.raises(OtherOffice):
        await bring(town, clock, returned(collected("2026000001", "5.00"), collectivity="999"))
    with pytest.raises(TreasuryNotSet):
        await bring(town, clock, returned(), OTHER_OFFICE)


async def test_money_that_still_comes_to_the_office_is_noticed(town: Stores, clock):
    _, (invoice,) = await handed(town, clock, {})
    late = Settlement(source="pay_9", kind="payment", cents=500, at=NOW + timedelta(days=2))
    await town.invoices.settle(HOUSEHOLD_ID, invoice.id, late)
    await follow_arrears(town, clock)
    await follow_arrears(town, clock)
    (task,) = await town.arrears.tasks.of_office(OFFICE.id, state="open", kind=None, after="", limit=10)
    assert (task.kind, task.subject, task.cents) == ("paid_elsewhere", invoice.id, 500)
