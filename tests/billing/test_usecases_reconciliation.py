"""Statements are matched with the books, and every difference waits for a person."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.billing.app.arrears import compare_statements, reconciliation_desk_of
from services.billing.app.till import money_till_of
from services.billing.app.work import Stores
from services.billing.domain.reconciliation.tasks import AlreadyMatched, AmountsDiffer, Resolution, Task, TaskDone
from services.billing.domain.till.receipts import Means, Part, Received
from services.billing.usecases.reconciliation.import_statement import (
    Brought,
    EmptyStatement,
    Imported,
    StatementTooLong,
    import_statement,
)
from services.billing.usecases.reconciliation.resolve import Clerk, resolve
from services.billing.usecases.till.receive import receive
from shared.errors import NotFound
from shared.ids import new_id
from tests.billing.arrears import owed
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, OTHER_OFFICE, TOWN_ID, invoice, payment

BANK = "date;libelle;montant;reference\n"


async def bring(stores: Stores, clock: MovableClock, content: str, kind: Any = "bank", **changed: Any) -> Imported:
    plain = {"municipality_id": TOWN_ID, "office": OFFICE, "kind": kind, "xml": False, "by": "acc_1"}
    return await import_statement(
        Brought(**{**plain, "content": content.encode(), **changed}),
        statements=stores.arrears.statements,
        desk=reconciliation_desk_of(stores, clock),
        new_id=partial(new_id, "stm"),
    )


async def tasks(stores: Stores, **changed: Any) -> list[Task]:
    asked = {"state": "open", "kind": None, "after": "", "limit": 50, **changed}
    return await stores.arrears.tasks.of_office(OFFICE.id, **asked)


async def lines(stores: Stores, **changed: Any) -> list[Any]:
    asked = {"kind": None, "state": None, "after": "", "limit": 50, **changed}
    return await stores.arrears.statements.lines_of_office(OFFICE.id, **asked)


async def paid(stores: Stores, name: str, days: int = 0, **changed: Any) -> str:
    """A settled online payment of 70.55 EUR, under its own reference."""
    piece = invoice(f"inv_{name}")
    told = {"name": f"pay_{name}", "reference": f"PAYREF{name}", "key": f"key-{name}", "claims": (piece.id,)}
    settled = {"state": "paid", "live": False, "paid_at": NOW + timedelta(days=days), "next_at": None}
    kept = await stores.payments.add(payment(piece, **{**told, **settled, **changed}), [])
    return kept.id


async def received(stores: Stores, clock: MovableClock, cents: int, mode: Any = "cheque", **changed: Any) -> str:
    piece = await owed(stores, cents, month=changed.pop("month", "2026-09"))
    money = Received(
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        cash_office_id=OFFICE.id,
        source=f"src_{piece.id}",
        mode=mode,
        cents=cents,
        at=clock(),
        parts=(Part(piece=piece.id, cents=cents),),
        **changed,
    )
    return (await receive(money, till=money_till_of(stores, clock))).id


def clerk(stores: Stores) -> Clerk:
    mine = stores.arrears
    return Clerk(tasks=mine.tasks, statements=mine.statements, books=mine.expected, copies=stores.copies)


def answer(act: Any = "explain", *ids: str, reason: str = "Frais bancaires") -> Resolution:
    return Resolution(act=act, reason=reason, ids=ids, by="acc_1", at=NOW)


async def test_payfips_list_is_matched_by_reference_and_the_rest_are_tasks(town, clock):
    await paid(town, "01")
    await paid(town, "02")
    content = "date;reference;montant\n01/12/2026;PAYREF01;70,55\n01/12/2026;PAYREF02;70,00\n01/12/2026;XX0003;5,00\n"
    done = (await bring(town, clock, content, "payfip")).done
    assert (done.matched, done.raised) == (1, 2)
    found = {one.kind: one for one in await tasks(town)}
    assert (found["amount_differs"].expected_id, found["amount_differs"].difference_cents) == ("pay_02", -55)
    assert found["unknown_line"].cents == 500


async def test_a_statement_brought_twice_or_overlapping_counts_once(town, clock):
    await paid(town, "01")
    content = "date;reference;montant\n01/12/2026;PAYREF01;70,55\n"
    first = await bring(town, clock, content, "payfip")
    again = await bring(town, clock, content, "payfip")
    wider = await bring(town, clock, f"{content}02/12/2026;OTHER1;1,00\n", "payfip")
    assert again.statement == first.statement
    assert [one.statement.fresh for one in (first, wider)] == [1, 1]
    assert len(await lines(town)) == 2


async def test_money_that_does_not_come_is_a_task_once_statements_reach_past_it(town, clock):
    await paid(town, "01")
    await bring(town, clock, "date;reference;montant\n01/12/2026;A00001;1,00\n05/12/2026;A00002;1,00\n", "payfip")
    assert "not_seen" not in {one.kind for one in await tasks(town)}
    await bring(town, clock, "date;reference;montant\n09/12/2026;A00003;1,00\n", "payfip")
    (missing,) = await tasks(town, kind="not_seen")
    assert (missing.expected_id, missing.difference_cents) == ("pay_01", -7055)
    await bring(town, clock, "date;reference;montant\n10/12/2026;PAYREF01;70,55\n", "payfip")
    assert await tasks(town, kind="not_seen") == []


async def test_a_receipt_typed_late_clears_its_line(town, clock):
    await bring(town, clock, "date;numero;montant\n01/12/2026;0001234;12,00\n", "cheques")
    assert len(await tasks(town)) == 1
    await received(town, clock, 1200, means=Means(cheque_number="0001234"))
    await compare_statements(town, clock)
    assert await tasks(town) == []
    assert [one.state for one in await lines(town)] == ["matched"]


async def test_a_bank_credits_a_days_online_payments_as_one_sum(town, clock):
    await paid(town, "01")
    await paid(town, "02")
    await paid(town, "03", days=1)
    done = (await bring(town, clock, f"{BANK}02/12/2026;DGFIP REGIE;141,10;\n")).done
    assert (done.matched, done.raised) == (1, 0)
    (line,) = await lines(town)
    assert (line.how, sorted(line.matched)) == ("day_total", ["pay_01", "pay_02"])


async def test_a_transfer_is_found_by_the_invoice_it_names(town, clock):
    receipt_id = await received(town, clock, 1200, "transfer")
    number = (await town.money.receipts.get(TOWN_ID, receipt_id)).parts[0].number
    await bring(town, clock, f"{BANK}20/12/2026;VIR MARTIN {number};12,00;\n")
    (line,) = await lines(town)
    assert (line.state, line.how, line.matched) == ("matched", "reference", (receipt_id,))


async def test_an_agent_explains_a_line_and_says_it_twice_in_the_same_words(town, clock):
    await bring(town, clock, f"{BANK}01/12/2026;FRAIS;-2,50;\n")
    (task,) = await tasks(town)
    done = await resolve(TOWN_ID, task.id, answer(), clerk=clerk(town))
    assert (done.state, (await lines(town))[0].state) == ("resolved", "explained")
    assert await resolve(TOWN_ID, task.id, answer(), clerk=clerk(town)) == done
    with pytest.raises(TaskDone):
        await resolve(TOWN_ID, task.id, answer(reason="Autre chose"), clerk=clerk(town))
    await compare_statements(town, clock)
    assert await tasks(town) == []


async def test_an_agent_matches_what_no_rule_would(town, clock):
    one = await received(town, clock, 1200, "transfer")
    two = await received(town, clock, 800, "transfer", month="2026-08")
    await bring(town, clock, f"{BANK}01/12/2026;VIR;20,00;\n01/12/2026;VIR B;12,00;\n".replace("12,00", "3,00"))
    found = {task.cents: task for task in await tasks(town)}
    for ids in ((), ("rct_none",), (one, "rct_none")):
        with pytest.raises(NotFound):
            await resolve(TOWN_ID, found[2000].id, answer("match", *ids), clerk=clerk(town))
    with pytest.raises(AmountsDiffer):
        await resolve(TOWN_ID, found[2000].id, answer("match", one), clerk=clerk(town))
    await resolve(TOWN_ID, found[2000].id, answer("match", one, two), clerk=clerk(town))
    assert {line.cents: line.matched for line in await lines(town, state="matched")} == {2000: (one, two)}


async def test_money_is_never_two_lines_money(town, clock):
    receipt_id = await received(town, clock, 1200, "transfer")
    await bring(town, clock, f"{BANK}01/12/2026;VIR A;12,00;\n01/12/2026;VIR B;12,00;\n")
    first, second = await tasks(town)
    await resolve(TOWN_ID, first.id, answer("match", receipt_id), clerk=clerk(town))
    with pytest.raises(AlreadyMatched):
        await resolve(TOWN_ID, second.id, answer("match", receipt_id), clerk=clerk(town))


async def test_a_difference_is_written_off_with_its_reason(town, clock):
    await paid(town, "01")
    await bring(town, clock, "date;reference;montant\n01/12/2026;PAYREF01;70,00\n", "payfip")
    (task,) = await tasks(town)
    await resolve(TOWN_ID, task.id, answer("write_off_difference", reason="Arrondi"), clerk=clerk(town))
    (line,) = await lines(town)
    assert (line.state, line.matched, line.how) == ("matched", ("pay_01",), "agent")


async def test_a_task_of_another_town_is_not_there(town, clock):
    await bring(town, clock, f"{BANK}01/12/2026;FRAIS;-2,50;\n")
    (task,) = await tasks(town)
    with pytest.raises(NotFound):
        await resolve("le-val-dore", task.id, answer(), clerk=clerk(town))


async def test_what_is_no_statement_is_refused(town, clock):
    with pytest.raises(EmptyStatement):
        await bring(town, clock, f"{BANK}01/12/2026;x;abc;\n")
    with pytest.raises(StatementTooLong):
        await bring(town, clock, f"{BANK}01/12/2022;x;1,00;\n01/12/2026;y;1,00;\n")
    done = await bring(town, clock, f"{BANK}01/12/2026;x;abc;\n01/12/2026;y;1,00;\n", office=OTHER_OFFICE)
    assert (done.statement.lines, len(done.faults)) == (1, 1)


async def test_days_are_those_of_the_town(town):
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    await paid(town, "01", paid_at=late)
    at = {"since": late.date() + timedelta(days=1), "until": late.date() + timedelta(days=1)}
    found = await town.arrears.expected.of(OFFICE.id, "payfip", **at, zone=ZoneInfo("Europe/Paris"))
    assert [one.on.day for one in found] == [2]
