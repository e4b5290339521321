"""Statements are read exactly, matched only when nothing else can be meant, and every difference stays visible."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.domain.reconciliation.camt import NoBankStatement, WrongEntry, read_camt
from services.billing.domain.reconciliation.matching import Expected, match
from services.billing.domain.reconciliation.statements import Line, Said, explained, lines_of, matched
from services.billing.domain.reconciliation.tables import read_table_of
from services.billing.domain.reconciliation.tasks import (
    ACTS,
    ActUnfit,
    Resolution,
    TaskDone,
    differing,
    is_overdue,
    not_seen,
    resolved,
    settled,
    unknown,
)
from shared.tables import ColumnsMissing
from tests.billing.samples import OFFICE, TOWN_ID

NOW = datetime(2026, 12, 10, 8, tzinfo=UTC)
DAY = date(2026, 12, 1)


def line(name: str, cents: int, days: int = 0, label: str = "", reference: str = "") -> Line:
    return Line(
        id=name,
        municipality_id=TOWN_ID,
        cash_office_id=OFFICE.id,
        statement_id="stm_1",
        kind="bank",
        on=DAY + timedelta(days=days),
        cents=cents,
        label=label,
        reference=reference,
    )


def due(name: str, cents: int, days: int = 0, *references: str, group: str = "") -> Expected:
    on = DAY + timedelta(days=days)
    return Expected(id=name, what="payment", on=on, cents=cents, references=references, group=group)


def pairs(outcome) -> dict[str, tuple[str, ...]]:
    return {one.line.id: one.ids for one in outcome.matches}


# --- reading


def test_a_bank_table_is_read_with_one_or_two_columns_of_amounts():
    one, faults = read_table_of("bank", "Date;Libellé;Montant\n01/12/2026;VIR MARTIN;1 234,56\n".encode())
    assert (one, faults) == ([Said(on=DAY, cents=123456, label="VIR MARTIN")], [])
    two, _ = read_table_of("bank", b"date;libelle;debit;credit;reference\n01/12/2026;FRAIS;2,50;;\n02/12/2026;R;;5;ABC")
    assert [(said.cents, said.reference) for said in two] == [(-250, ""), (500, "ABC")]


def test_payfip_and_cheques_have_their_columns():
    (said,), _ = read_table_of("payfip", b"date;reference;montant;autorisation\n01/12/2026;P0192;10,00;A1\n")
    assert said == Said(on=DAY, cents=1000, label="PayFiP A1", reference="P0192")
    (said,), _ = read_table_of("cheques", b"date;numero;montant;banque\n01/12/2026;0012345;10,00;BNP\n")
    assert (said.reference, said.label) == ("0012345", "BNP")


@pytest.mark.parametrize("amount", ["", "1,234.5", "12,345", "1e5", "NaN", "--5", "12,3", "9999999999", "0x10", "=1+1"])
def test_an_amount_that_is_none_is_named_with_its_line(amount):
    said, (fault,) = read_table_of("bank", f"date;libelle;montant\n01/12/2026;x;{amount}\n".encode())
    assert (said, fault.line, fault.column) == ([], 2, "montant")


@pytest.mark.parametrize("kind", ["payfip", "cheques"])
def test_lists_of_money_that_came_hold_no_negative_amount(kind):
    said, faults = read_table_of(kind, b"date;reference;numero;montant\n01/12/2026;A;B;-5\n01/12/2026;A;B;0\n")
    assert (said, len(faults)) == ([], 2)


def test_a_table_without_its_columns_is_refused_whole():
    with pytest.raises(ColumnsMissing):
        read_table_of("payfip", b"date;montant\n01/12/2026;5\n")


CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Ntry><Amt Ccy="EUR">12.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-12-01</Dt></BookgDt>
  <AcctSvcrRef>BANK1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
  <RmtInf><Ustrd>F2026-000001  MARTIN</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
  <BookgDt><DtTm>2026-12-02T10:00:00</DtTm></BookgDt>
  <NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt></TxDtls>
  <TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs><Amt Ccy="EUR">20.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>
  <BookgDt><Dt>2026-12-02</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">2.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-12-03</Dt></BookgDt>
  <AddtlNtryInf>FRAIS</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def test_a_camt_statement_gives_its_booked_movements_each_transaction_apart():
    found = read_camt(CAMT.encode())
    assert [(said.on.day, said.cents, said.reference, said.label) for said in found] == [
        (1, 1250, "BANK1", "F2026-000001 MARTIN"),
        (2, 1000, "E1", ""),
        (2, 2000, "E2", ""),
        (3, -200, "", "FRAIS"),
    ]


def test_transactions_that_do_not_add_up_are_one_line():
    found = read_camt(CAMT.replace(">20.00<", ">19.00<").encode())
    assert [said.cents for said in found] == [1250, 3000, -200]


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ('<Amt Ccy="EUR">12.5<', '<Amt Ccy="USD">12.5<', "Amt"),
        (">12.5<", ">-12.5<", "Amt"),
        (">12.5<", ">1.2345<", "Amt"),
        ("<CdtDbtInd>CRDT", "<CdtDbtInd>XXXX", "CdtDbtInd"),
        ("<Dt>2026-12-01", "<Dt>2026-13-01", "BookgDt"),
    ],
)
def test_a_camt_statement_is_understood_whole_or_not_at_all(right, wrong, field):
    with pytest.raises(WrongEntry) as refused:
        read_camt(CAMT.replace(right, wrong, 1).encode())
    assert refused.value.facts["field"] == field


def test_other_xml_is_no_statement():
    with pytest.raises(NoBankStatement):
        read_camt(b"<Document><Other/></Document>")


def test_lines_keep_their_id_over_statements_and_twins_are_two():
    said = [Said(on=DAY, cents=500, label="x"), Said(on=DAY, cents=500, label="x")]
    where = {"municipality_id": TOWN_ID, "cash_office_id": OFFICE.id, "kind": "bank"}
    first = [one.id for one in lines_of(said, statement_id="stm_1", **where)]
    again = [one.id for one in lines_of(said[:1], statement_id="stm_2", **where)]
    assert len(set(first)) == 2
    assert again == first[:1]


# --- matching


@pytest.mark.parametrize(
    ("label", "reference", "wanted", "is_named"),
    [
        ("VIR SEPA f2026-000 001/MARTIN", "", "F2026-000001", True),
        ("VIR 12", "", "12", False),
        ("", "12", "12", True),
        ("", "P12", "12", False),
        ("", "XX F2026-000001 YY", "F2026-000001", True),
        ("VIR", "", "", False),
    ],
)
def test_references_are_found_whatever_stands_around_them(label, reference, wanted, is_named):
    """Too far apart in time for any other rule."""
    found = match([line("l", 500, 90, label=label, reference=reference)], [due("e", 500, 0, wanted)])
    assert bool(found.matches) is is_named


def test_a_reference_with_its_amount_is_a_match():
    found = match([line("l", 500, 40, label="PAY-000001")], [due("e", 500, 0, "PAY000001")])
    assert pairs(found) == {"l": ("e",)}
    assert found.matches[0].rule == "reference"


def test_a_reference_with_another_amount_is_a_difference_never_a_match():
    found = match([line("l", 400, reference="PAY000001")], [due("e", 500, 0, "PAY000001"), due("other", 400)])
    assert pairs(found) == {}
    assert [(one.line.id, one.expected.id, one.cents) for one in found.differences] == [("l", "e", -100)]
    assert [one.id for one in found.expected] == ["other"]


def test_a_line_that_names_several_that_add_up_is_all_of_them():
    found = match(
        [line("l", 900, label="F2026-000001 F2026-000002")],
        [due("a", 500, 0, "F2026-000001"), due("b", 400, 0, "F2026-000002")],
    )
    assert pairs(found) == {"l": ("a", "b")}


def test_two_lines_naming_one_thing_are_left_for_a_person():
    lines = [line("l1", 500, reference="PAY000001"), line("l2", 500, reference="PAY000001")]
    found = match(lines, [due("e", 500, 0, "PAY000001")])
    assert (pairs(found), len(found.lines)) == ({}, 2)


@pytest.mark.parametrize(("days", "fits"), [(-2, False), (-1, True), (0, True), (5, True), (6, False)])
def test_the_same_amount_matches_within_a_few_days(days, fits):
    found = match([line("l", 500, days)], [due("e", 500)])
    assert bool(found.matches) is fits


def test_one_line_for_two_of_the_same_amount_is_left_for_a_person():
    found = match([line("l", 500)], [due("a", 500), due("b", 500)])
    assert (pairs(found), len(found.lines), len(found.expected)) == ({}, 1, 2)


def test_as_many_lines_as_things_of_one_amount_are_each_others():
    found = match([line("l1", 500, 1), line("l2", 500, 2)], [due("a", 500), due("b", 500, 1)])
    assert sorted(pairs(found)) == ["l1", "l2"]


def test_a_chain_of_equal_amounts_is_not_guessed():
    found = match([line("l1", 500, 5), line("l2", 500, 9)], [due("a", 500, 0), due("b", 500, 5)])
    assert pairs(found) == {}


def test_a_days_payments_come_in_as_one_sum():
    parts = [due("a", 500, 0, group="online"), due("b", 700, 0, group="online"), due("c", 1200, 3, group="online")]
    found = match([line("l", 1200, 1, label="DGFIP REGIE")], parts[:2])
    assert pairs(found) == {"l": ("a", "b")}
    assert found.matches[0].rule == "day_total"


amounts = st.integers(1, 5).map(lambda euros: euros * 100)
days = st.integers(0, 12)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(amounts, days, st.sampled_from(["", "REF000001", "REF000002"])), max_size=7),
    st.lists(st.tuples(amounts, days, st.sampled_from(["", "REF000001", "REF000003"])), max_size=7),
    st.randoms(),
)
def test_nothing_is_lost_doubled_or_absorbed_whatever_the_order(said, written, random):
    lines = [line(f"l{at}", cents, on, reference=ref) for at, (cents, on, ref) in enumerate(said)]
    expected = [
        due(f"e{at}", cents, on, *([ref] if ref else []), group="online") for at, (cents, on, ref) in enumerate(written)
    ]
    found = match(lines, expected)
    random.shuffle(lines)
    random.shuffle(expected)
    assert pairs(match(lines, expected)) == pairs(found)
    placed = [one.line.id for one in found.matches + found.differences] + [one.id for one in found.lines]
    assert sorted(placed) == sorted(one.id for one in lines)
    ids = [name for one in found.matches for name in one.ids]
    ids += [one.expected.id for one in found.differences] + [one.id for one in found.expected]
    assert sorted(ids) == sorted(one.id for one in expected)
    cents = {one.id: one.cents for one in expected}
    assert all(sum(cents[name] for name in one.ids) == one.line.cents for one in found.matches)
    assert all(one.cents != 0 for one in found.differences)


# --- differences


def answer(**changed):
    plain = Resolution(act="explain", reason="Frais bancaires", ids=(), by="acc_1", at=NOW)
    return replace(plain, **changed)


def test_a_difference_is_answered_once():
    task = unknown(line("l", -250), NOW)
    done = resolved(task, answer())
    assert (done.state, resolved(done, answer(at=NOW + timedelta(hours=1)))) == ("resolved", done)
    with pytest.raises(TaskDone):
        resolved(done, answer(reason="autre"))
    assert settled(done, NOW) is done
    assert settled(task, NOW).state == "settled"


def test_each_kind_of_difference_has_its_acts():
    task = not_seen(due("pay_1", 500), "payfip", (TOWN_ID, OFFICE.id), NOW)
    assert (task.cents, task.difference_cents, task.acts) == (500, -500, ("explain", "recorded"))
    with pytest.raises(ActUnfit):
        resolved(task, answer(act="match"))
    assert all(acts for acts in ACTS.values())


def test_a_differing_amount_names_both_sides():
    found = match([line("l", 400, reference="PAY000001")], [due("e", 500, 0, "PAY000001")])
    task = differing(found.differences[0], NOW)
    assert (task.kind, task.line_id, task.expected_id, task.difference_cents) == ("amount_differs", "l", "e", -100)


def test_money_is_missed_only_once_statements_reach_past_its_patience():
    one = due("e", 500)
    assert not is_overdue(one, told_until=None)
    assert not is_overdue(one, told_until=DAY + timedelta(days=6))
    assert is_overdue(one, told_until=DAY + timedelta(days=7))


def test_a_line_is_closed_by_a_match_or_by_a_reason():
    assert (matched(line("l", 5), ["e"], "amount").state, explained(line("l", 5), "x", "acc_1").state) == (
        "matched",
        "explained",
    )
