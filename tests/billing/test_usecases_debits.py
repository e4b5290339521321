"""Direct debit from the mandate to the bank's answer, on the database (golden test G11)."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from services.billing.app.debits import PlannedDebits, debit_desk_of, keep_debits, plan_debits
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores
from services.billing.domain.debits.batches import Batch, DebitFile, purpose_of
from services.billing.domain.debits.consent import consent_to
from services.billing.domain.debits.debits import Debit
from services.billing.domain.debits.mandates import Mandate
from services.billing.domain.debits.refusals import (
    BatchSent,
    BatchWithdrawn,
    ConsentOutdated,
    DayTooEarly,
    DebitCollected,
    DebitUnderWay,
    MandateInForce,
    NoDirectDebit,
    NothingToDebit,
    ReferenceTaken,
)
from services.billing.domain.invoices import Invoice
from services.billing.domain.owed import DebitScheduled, check_owed
from services.billing.domain.settlements import Settlement
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.import_answer import import_answer
from services.billing.usecases.debits.make_batch import AskedBatch, make_batch, mark_sent, withdraw
from services.billing.usecases.debits.plan import drop, plan_one
from services.billing.usecases.debits.sign import (
    Paper,
    Signing,
    change_account,
    end_after_next,
    enter_paper,
    revoke,
    sign_online,
)
from shared.contracts.billing_debits import (
    DebitAnnounced,
    DebitCancelled,
    DebitPlanned,
    DebitRejected,
    MandateEnded,
    MandateSigned,
)
from shared.errors import Conflict, KeyReused
from shared.mongo import Database
from tests.billing.bank_answers import camt054, pain002, part, refused, returned
from tests.billing.conftest import MovableClock
from tests.billing.debit_samples import CREDITOR, IBAN, OTHER_IBAN
from tests.billing.samples import HOUSEHOLD_ID, OFFICE, TOWN_ID, draft
from tests.billing.telling import told_by

DAY = date(2026, 12, 31)
SECRETS = SealedSecrets("k1:" + "0a" * 32)
TEXT = consent_to(CREDITOR, "fr").version


@dataclass
class Bank:
    """Takes files without looking at their XML, which tests of its own hold."""

    files: list[DebitFile] = field(default_factory=list)
    breaks: bool = False

    async def write(self, file: DebitFile) -> bytes:
        if self.breaks:
            raise ConnectionError
        self.files.append(file)
        return repr(file).encode()


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
async def desk(town: Stores, clock: MovableClock, bank: Bank) -> DebitDesk:
    """In a town whose cash office debits."""
    await town.sepa.creditors.save(CREDITOR)
    return replace(debit_desk_of(town, SECRETS, clock), writer=bank)


def signing(**changed: Any) -> Signing:
    plain = Signing(
        household_id=HOUSEHOLD_ID,
        municipality_id=TOWN_ID,
        cash_office_id=OFFICE.id,
        iban=IBAN,
        holder="Claire Martin",
        by="grd_1",
    )
    return replace(plain, **changed)


def asked(day: date = DAY, key: str = "key-00001", fingerprint: str = "f") -> AskedBatch:
    return AskedBatch(
        municipality_id=TOWN_ID, cash_office_id=OFFICE.id, collect_on=day, by="acc_1", key=key, fingerprint=fingerprint
    )


async def signed(desk: DebitDesk, **changed: Any) -> Mandate:
    return await sign_online(signing(**changed), TEXT, desk=desk)


async def issued(stores: Stores, desk: DebitDesk, month: str = "2026-11", household_id: str = HOUSEHOLD_ID) -> Invoice:
    """An invoice as the month's end leaves it before its paper is printed."""
    invoice = await stores.invoices.issue(draft(household_id, month=month))
    await plan_debits(stores, desk)
    return await again(stores, invoice)


async def again(stores: Stores, invoice: Invoice) -> Invoice:
    found = await stores.invoices.get(invoice.household_id, invoice.id)
    assert found
    return found


async def debit_of(stores: Stores, invoice: Invoice) -> Debit:
    return next(one for one in await stores.sepa.debits.of_household(HOUSEHOLD_ID) if one.invoice_id == invoice.id)


async def mandate_of(stores: Stores, mandate: Mandate) -> Mandate:
    found = await stores.sepa.mandates.get(HOUSEHOLD_ID, mandate.id)
    assert found
    return found


async def sent_batch(desk: DebitDesk, clock: MovableClock, day: date = DAY) -> Batch:
    batch = await make_batch(asked(day), desk=desk)
    return await mark_sent(batch, "acc_1", desk=desk)


async def collected(desk: DebitDesk, clock: MovableClock) -> None:
    await sent_batch(desk, clock)
    clock.move(days=31)
    await keep_debits(desk)


async def test_a_mandate_signed_online_keeps_its_account_unreadable(
    town: Stores, db: Database, desk: DebitDesk
) -> None:
    mandate = await signed(desk)

    stored = await db["mandates"].find_one({"_id": mandate.id})
    assert stored
    assert IBAN not in str(stored)
    assert SECRETS.open(stored["iban"], f"mandate/{mandate.id}/iban") == IBAN
    assert (stored["account_shown"], stored["bank"]) == ("FR•• •••• 0189", "CREDIT AGRICOLE SA")
    assert [type(event) for event in await told_by(db, "mandates")] == [MandateSigned]


async def test_signing_twice_is_signing_once_and_another_account_is_no_second_mandate(desk: DebitDesk) -> None:
    first = await signed(desk)

    assert (await signed(desk)).id == first.id
    with pytest.raises(MandateInForce):
        await signed(desk, iban=OTHER_IBAN)


async def test_two_parents_who_sign_at_once_sign_one_mandate(db: Database, desk: DebitDesk) -> None:
    signed_both = await asyncio.gather(signed(desk), signed(desk, iban=OTHER_IBAN), return_exceptions=True)

    assert sum(isinstance(one, Mandate) for one in signed_both) == 1
    assert sum(isinstance(one, MandateInForce) for one in signed_both) == 1
    assert await db["mandates"].count_documents({}) == 1


async def test_what_was_read_is_what_is_signed(town: Stores, desk: DebitDesk) -> None:
    with pytest.raises(ConsentOutdated):
        await sign_online(signing(), "another", desk=desk)
    with pytest.raises(NoDirectDebit):
        await sign_online(signing(cash_office_id=f"{TOWN_ID}.regie-enfance"), TEXT, desk=desk)


async def test_an_office_that_takes_no_more_mandates_keeps_those_it_has(town: Stores, desk: DebitDesk) -> None:
    creditor = await town.sepa.creditors.of(TOWN_ID, OFFICE.id)
    assert creditor
    await signed(desk)
    await town.sepa.creditors.save(replace(creditor, open=False))

    assert (await issued(town, desk)).debit_on == DAY
    with pytest.raises(NoDirectDebit):
        await signed(desk, household_id="hsh_2")


async def test_a_paper_mandate_keeps_its_reference_and_goes_on_as_recurrent(desk: DebitDesk) -> None:
    paper = Paper(rum="CANTINE-0042", signed_on=date(2024, 9, 2), last_collected_on=date(2026, 11, 10))

    mandate = await enter_paper(signing(by="acc_1"), paper, desk=desk)

    assert (mandate.rum, mandate.signed_how, mandate.used) == ("CANTINE-0042", "paper", True)
    with pytest.raises(ReferenceTaken):
        await enter_paper(signing(household_id="hsh_2"), paper, desk=desk)
    with pytest.raises(MandateInForce):
        await enter_paper(signing(), replace(paper, rum="OTHER"), desk=desk)


async def test_an_invoice_under_a_mandate_is_planned_and_announced_before_its_paper(
    town: Stores, db: Database, desk: DebitDesk
) -> None:
    mandate = await signed(desk)

    invoice = await issued(town, desk)

    assert (invoice.state, invoice.debit_on) == ("debit_scheduled", DAY)
    with pytest.raises(DebitScheduled):
        check_owed(invoice)
    # Told at the same moment, they come in any order.
    announced, planned = sorted(await told_by(db, "debits"), key=lambda event: event.topic)
    assert isinstance(planned, DebitPlanned)
    assert isinstance(announced, DebitAnnounced)
    assert (announced.rum, announced.ics, announced.account) == (mandate.rum, CREDITOR.ics, "FR•• •••• 0189")
    on_paper = await PlannedDebits(town).planned(invoice)
    assert on_paper
    assert (on_paper.on, on_paper.rum, on_paper.iban) == (DAY, mandate.rum, "FR•• •••• 0189")


async def test_planning_again_finds_what_was_planned(town: Stores, db: Database, desk: DebitDesk) -> None:
    await signed(desk)
    invoice = await issued(town, desk)
    # As if cut off between the debit and its invoice.
    await db["invoices"].update_one({"_id": invoice.id}, {"$set": {"debit_on": None, "state": "open"}})

    await plan_debits(town, desk)

    assert (await again(town, invoice)).debit_on == DAY
    assert await db["debits"].count_documents({}) == 1


async def test_without_a_mandate_nothing_is_planned(town: Stores, desk: DebitDesk) -> None:
    assert (await issued(town, desk)).debit_on is None


async def test_a_mandate_for_one_debit_plans_one_and_closes(town: Stores, desk: DebitDesk, clock: MovableClock) -> None:
    mandate = await signed(desk, kind="one_off")
    first = await issued(town, desk)
    second = await issued(town, desk, "2026-10")

    await collected(desk, clock)

    assert (first.debit_on, second.debit_on) == (DAY, None)
    assert (await debit_of(town, first)).sequence == "OOFF"
    assert (await mandate_of(town, mandate)).state == "closed"


async def test_a_file_holds_what_is_due_and_is_kept_unreadable_with_its_hash(
    town: Stores, db: Database, desk: DebitDesk, bank: Bank
) -> None:
    await signed(desk)
    await issued(town, desk)

    batch = await make_batch(asked(), desk=desk)

    assert (batch.state, batch.count, batch.total_cents) == ("made", 1, 7055)
    assert batch.file_name == "RESTO-DFT-SDD-26335-001.xml"
    (entry,) = bank.files[0].entries
    assert (entry.sequence, entry.iban, entry.name, entry.collect_on) == ("FRST", IBAN, "Claire Martin", DAY)
    sealed = await town.sepa.batches.file(batch)
    assert sealed
    content = SECRETS.open(sealed, purpose_of(batch.id))
    assert hashlib.sha256(content.encode()).hexdigest() == batch.sha256
    assert not [one async for one in db["debit_files"].find() if IBAN in str(one)]


async def test_asking_again_gives_the_same_file_and_another_key_finds_nothing_left(
    town: Stores, desk: DebitDesk
) -> None:
    await signed(desk)
    await issued(town, desk)
    batch = await make_batch(asked(), desk=desk)

    assert (await make_batch(asked(), desk=desk)).id == batch.id
    with pytest.raises(KeyReused):
        await make_batch(asked(fingerprint="other"), desk=desk)
    with pytest.raises(NothingToDebit):
        await make_batch(asked(key="key-00002"), desk=desk)


async def test_a_file_cut_off_is_taken_up_by_whoever_asks_next(
    town: Stores, db: Database, desk: DebitDesk, bank: Bank
) -> None:
    await signed(desk)
    await issued(town, desk)
    bank.breaks = True
    with pytest.raises(ConnectionError):
        await make_batch(asked(), desk=desk)
    bank.breaks = False

    batch = await make_batch(asked(key="key-00002"), desk=desk)

    assert (batch.state, batch.count, batch.key) == ("made", 1, "key-00001")
    assert bank.files[0].entries[0].sequence == "FRST"
    assert await db["debit_batches"].count_documents({}) == 1


async def test_two_agents_at_the_same_moment_get_one_file(town: Stores, db: Database, desk: DebitDesk) -> None:
    await signed(desk)
    await issued(town, desk)

    made = await asyncio.gather(
        *(make_batch(asked(key=f"key-0000{at}"), desk=desk) for at in range(4)), return_exceptions=True
    )

    assert len({one.id for one in made if isinstance(one, Batch)}) == 1
    assert all(isinstance(one, Batch | Conflict | NothingToDebit) for one in made)
    assert await db["debit_batches"].count_documents({"state": "made", "total_cents": 7055}) == 1


async def test_nothing_is_collected_before_the_day_announced_or_on_a_day_without_banks(
    town: Stores, desk: DebitDesk
) -> None:
    await signed(desk)
    await issued(town, desk)

    with pytest.raises(NothingToDebit):
        await make_batch(asked(date(2026, 12, 30)), desk=desk)
    with pytest.raises(DayTooEarly):
        await make_batch(asked(date(2027, 1, 1)), desk=desk)


async def test_the_second_file_is_recurrent_and_the_last_one_final(
    town: Stores, desk: DebitDesk, clock: MovableClock, bank: Bank
) -> None:
    mandate = await signed(desk)
    await issued(town, desk)
    await collected(desk, clock)
    await end_after_next(await mandate_of(town, mandate), True, desk=desk)
    both = [await issued(town, desk, month) for month in ("2026-10", "2026-09")]
    assert all(one.debit_on == date(2027, 1, 15) for one in both)

    clock.move(days=1)
    await make_batch(asked(date(2027, 1, 29), key="key-00002"), desk=desk)

    assert [one.sequence for one in bank.files[0].entries] == ["FRST"]
    assert [one.sequence for one in bank.files[1].entries] == ["RCUR", "FNAL"]


async def test_what_was_paid_or_taken_out_meanwhile_is_left_out(
    town: Stores, db: Database, desk: DebitDesk, bank: Bank
) -> None:
    await signed(desk)
    paid, partly, dropped = [await issued(town, desk, month) for month in ("2026-09", "2026-10", "2026-11")]
    for invoice, cents in ((paid, 7055), (partly, 7000)):
        act = Settlement(source=f"rct_{cents}", kind="payment", cents=cents, at=desk.clock())
        await town.invoices.settle(HOUSEHOLD_ID, invoice.id, act)
    await drop(await debit_of(town, dropped), "office", desk=desk)

    batch = await make_batch(asked(), desk=desk)

    assert (batch.count, batch.total_cents) == (1, 55)
    assert (await again(town, dropped)).state == "open"
    assert {one.why for one in await told_by(db, "debits") if isinstance(one, DebitCancelled)} == {"paid", "office"}


async def test_a_revoked_mandate_takes_its_plans_with_it(town: Stores, db: Database, desk: DebitDesk) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)

    await revoke(mandate, "grd_1", desk=desk)
    await revoke(await mandate_of(town, mandate), "grd_2", desk=desk)

    check_owed(await again(town, invoice))
    assert [one.why for one in await told_by(db, "mandates") if isinstance(one, MandateEnded)] == ["revoked"]
    with pytest.raises(NothingToDebit):
        await make_batch(asked(), desk=desk)


async def test_one_account_that_cannot_be_read_does_not_keep_the_others(
    town: Stores, db: Database, desk: DebitDesk, bank: Bank
) -> None:
    await signed(desk)
    other = await signed(desk, household_id="hsh_2", iban=OTHER_IBAN)
    invoice = await issued(town, desk)
    await issued(town, desk, household_id="hsh_2")
    await db["mandates"].update_one({"_id": other.id}, {"$set": {"iban": "k9.lost"}})

    batch = await make_batch(asked(), desk=replace(desk, alert=lambda *_, **__: None))

    assert (batch.count, bank.files[0].entries[0].iban) == (1, IBAN)
    assert (await again(town, invoice)).debit_on == DAY


async def test_a_debit_in_a_file_is_not_dropped(town: Stores, desk: DebitDesk) -> None:
    await signed(desk)
    invoice = await issued(town, desk)
    await make_batch(asked(), desk=desk)

    with pytest.raises(DebitUnderWay):
        await drop(await debit_of(town, invoice), "office", desk=desk)


async def test_a_file_withdrawn_leaves_everything_as_it_was_before(town: Stores, desk: DebitDesk, bank: Bank) -> None:
    mandate = await signed(desk)
    await issued(town, desk)
    batch = await make_batch(asked(), desk=desk)

    withdrawn = await withdraw(batch, by="acc_1", why="error", by_bank=False, desk=desk)
    again_made = await make_batch(asked(key="key-00002"), desk=desk)

    assert withdrawn.state == "withdrawn"
    assert [file.entries[0].sequence for file in bank.files] == ["FRST", "FRST"]
    assert again_made.file_name == "RESTO-DFT-SDD-26335-002.xml"
    assert (await mandate_of(town, mandate)).presented_on == DAY
    with pytest.raises(BatchWithdrawn):
        await mark_sent(withdrawn, "acc_1", desk=desk)


async def test_a_sent_file_is_money_on_its_day(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)
    batch = await sent_batch(desk, clock)
    with pytest.raises(BatchSent):
        await withdraw(batch, by="acc_1", why="", by_bank=False, desk=desk)
    clock.move(days=29)
    await keep_debits(desk)
    assert (await again(town, invoice)).state == "debit_scheduled"

    clock.move(days=1)
    await keep_debits(desk)
    await keep_debits(desk)

    paid, debit = await again(town, invoice), await debit_of(town, invoice)
    assert (paid.state, paid.paid_by, paid.remaining_cents) == ("paid", debit.id, 0)
    assert (debit.state, debit.taken_cents) == ("collected", 7055)
    receipt = await db["receipts"].find_one({"source": debit.id})
    assert receipt
    assert (receipt["mode"], receipt["cents"], receipt["transaction"]) == ("debit", 7055, debit.end_to_end)
    assert (await mandate_of(town, mandate)).used
    done = await town.sepa.batches.get(TOWN_ID, batch.id)
    assert done
    with pytest.raises(DebitCollected):
        await withdraw(done, by="acc_1", why="", by_bank=True, desk=desk)


async def test_a_file_not_marked_as_sent_is_no_money(town: Stores, desk: DebitDesk, clock: MovableClock) -> None:
    await signed(desk)
    invoice = await issued(town, desk)
    await make_batch(asked(), desk=desk)
    clock.move(days=40)

    await keep_debits(desk)

    assert (await again(town, invoice)).state == "debit_scheduled"


async def test_a_debit_refused_before_its_day_opens_the_invoice_and_the_next_one_is_the_first_again(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock, bank: Bank
) -> None:
    await signed(desk)
    invoice = await issued(town, desk)
    await sent_batch(desk, clock)
    debit = await debit_of(town, invoice)

    report = await import_answer(TOWN_ID, pain002(refused(debit.end_to_end)), "acc_1", desk=desk)
    clock.move(days=31)
    await keep_debits(desk)

    assert [line.outcome for line in report.lines] == ["rejected"]
    check_owed(await again(town, invoice))
    assert await db["receipts"].count_documents({}) == 0
    assert DebitRejected in [type(one) for one in await told_by(db, "debits")]
    retried = await plan_one(await again(town, invoice), desk=desk)
    await make_batch(asked(retried.collect_on, key="key-00002"), desk=desk)
    assert bank.files[1].entries[0].sequence == "FRST"


async def test_money_taken_back_after_the_invoice_was_paid_reopens_it(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)
    await collected(desk, clock)
    debit = await debit_of(town, invoice)

    report = await import_answer(TOWN_ID, camt054(returned(debit.end_to_end, "AC04")), "acc_1", desk=desk)

    reopened = await again(town, invoice)
    assert [line.outcome for line in report.lines] == ["rejected"]
    assert (reopened.state, reopened.remaining_cents, reopened.paid_by) == ("open", 7055, None)
    assert [act.kind for act in reopened.settlements] == ["payment", "reversal"]
    assert await db["receipts"].count_documents({"source": debit.id, "cancelled_for": "AC04"}) == 1
    flagged = await mandate_of(town, mandate)
    assert (flagged.state, flagged.flag) == ("suspended", "AC04")
    assert (await issued(town, desk, "2026-10")).debit_on is None


async def test_another_account_ends_the_suspension_and_the_next_file_tells_it(
    town: Stores, desk: DebitDesk, clock: MovableClock, bank: Bank
) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)
    await collected(desk, clock)
    debit = await debit_of(town, invoice)
    await import_answer(TOWN_ID, camt054(returned(debit.end_to_end, "AC04")), "acc_1", desk=desk)

    await change_account(await mandate_of(town, mandate), OTHER_IBAN, "Paul Martin", desk=desk)
    retried = await plan_one(await again(town, invoice), desk=desk)
    await make_batch(asked(retried.collect_on, key="key-00002"), desk=desk)

    (entry,) = bank.files[1].entries
    assert (entry.iban, entry.amended, entry.sequence, entry.rum) == (OTHER_IBAN, True, "RCUR", mandate.rum)


async def test_an_answer_told_twice_counts_once(town: Stores, desk: DebitDesk, clock: MovableClock) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)
    await collected(desk, clock)
    debit = await debit_of(town, invoice)
    content = camt054(returned(debit.end_to_end))

    first = await import_answer(TOWN_ID, content, "acc_1", desk=desk)
    same = await import_answer(TOWN_ID, content, "acc_2", desk=desk)
    other = await import_answer(TOWN_ID, pain002(refused(debit.end_to_end)), "acc_1", desk=desk)

    assert same == first
    assert [line.outcome for line in other.lines] == ["known"]
    assert (await again(town, invoice)).remaining_cents == 7055
    assert (await mandate_of(town, mandate)).rejections == 1


async def test_what_fits_nothing_is_shown_and_changes_nothing(
    town: Stores, desk: DebitDesk, clock: MovableClock
) -> None:
    await signed(desk)
    invoice, unsent = await issued(town, desk), await issued(town, desk, "2026-10")
    await make_batch(asked(), desk=desk)
    debit = await debit_of(town, invoice)
    later = await issued(town, desk, "2026-09")
    content = pain002(
        refused("D404"),
        refused("{$ne:1}"),
        refused(debit.end_to_end, amount="70.54"),
        refused((await debit_of(town, later)).end_to_end),
    )

    report = await import_answer(TOWN_ID, content, "acc_1", desk=desk)
    elsewhere = await import_answer("le-val-dore", pain002(refused(debit.end_to_end)), "acc_9", desk=desk)

    assert [line.outcome for line in report.lines] == ["unknown", "unknown", "amount_differs", "not_sent"]
    assert [line.outcome for line in elsewhere.lines] == ["unknown"]
    assert (await again(town, invoice)).debit_on == (await again(town, unsent)).debit_on == DAY


@pytest.mark.parametrize("level", ["file", "part"])
async def test_a_file_the_bank_did_not_take_waits_for_another_one(
    town: Stores, desk: DebitDesk, clock: MovableClock, bank: Bank, level: str
) -> None:
    mandate = await signed(desk)
    invoice = await issued(town, desk)
    batch = await sent_batch(desk, clock)
    whole = pain002(group="RJCT", message=batch.message_id)
    piece = pain002(parts=part(f"{batch.message_id}-FRST"), message=batch.message_id)

    report = await import_answer(TOWN_ID, whole if level == "file" else piece, "acc_1", desk=desk)
    await make_batch(asked(key="key-00002"), desk=desk)

    assert [line.outcome for line in report.lines] == ["planned_again"]
    assert (await again(town, invoice)).debit_on == DAY
    assert [file.entries[0].sequence for file in bank.files] == ["FRST", "FRST"]
    assert (await mandate_of(town, mandate)).flag == ""


async def test_a_mandate_unused_for_36_months_ends_by_itself(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    mandate = await signed(desk)
    clock.move(days=365 * 3)
    await keep_debits(desk)
    assert (await mandate_of(town, mandate)).state == "active"

    clock.move(days=2)
    await keep_debits(desk)

    assert (await mandate_of(town, mandate)).state == "lapsed"
    assert [one.why for one in await told_by(db, "mandates") if isinstance(one, MandateEnded)] == ["lapsed"]


Step = Callable[[], Awaitable[object]]


async def test_the_bank_refuses_while_the_file_is_being_collected(
    town: Stores, db: Database, desk: DebitDesk, clock: MovableClock
) -> None:
    await signed(desk)
    invoice = await issued(town, desk)
    await sent_batch(desk, clock)
    debit = await debit_of(town, invoice)
    clock.move(days=31)

    class Interrupted:
        """The answer comes between the debit and its receipt."""

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.till.receipts, name)

        async def enter(self, *given: Any) -> Any:
            await import_answer(TOWN_ID, pain002(refused(debit.end_to_end)), "acc_1", desk=desk)
            return await desk.till.receipts.enter(*given)

    racing = replace(desk, till=replace(desk.till, receipts=Interrupted()))  # type: ignore[arg-type]  # passes all on
    with pytest.raises(Conflict):
        await keep_debits(racing)
    await keep_debits(desk)

    assert (await again(town, invoice)).remaining_cents == 7055
    assert (await debit_of(town, invoice)).state == "rejected"
    assert await db["receipts"].count_documents({"source": debit.id, "cancelled_at": {"$ne": None}}) == 1
