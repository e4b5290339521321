"""Reading pain.002, camt.054 and camt.053: what came back is found, everything else is left, bad files do no harm."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.debits.answers import Refusal, read_answer
from services.billing.domain.debits.refusals import NotABankAnswer
from services.billing.domain.xml_files import UnreadableXml, UnsafeXml
from tests.billing.bank_answers import (
    BILLION_LAUGHS,
    CREDITED,
    XXE,
    camt054,
    pain002,
    part,
    refused,
    returned,
)


@pytest.mark.parametrize("version", ["03", "10"])
def test_a_status_report_names_each_refused_debit(version: str) -> None:
    content = pain002(refused("D1"), refused("D2", "AC04", "12.00"), refused("D3", status="ACSP"), version=version)

    answer = read_answer(content)

    assert (answer.kind, answer.message_id) == ("pain.002", "ANSWER-1")
    assert answer.refusals == (
        Refusal(level="debit", name="D1", code="AM04", cents=7055),
        Refusal(level="debit", name="D2", code="AC04", cents=1200),
    )


def test_a_file_refused_whole_says_nothing_of_its_debits() -> None:
    assert read_answer(pain002(refused("D1"), group="RJCT")).refusals == (
        Refusal(level="file", name="B1", code="FF01"),
    )


def test_a_part_refused_whole_is_one_refusal() -> None:
    content = pain002(parts=part("B1-FRST") + part("B1-RCUR", "ACCP"), group="PART")

    assert read_answer(content).refusals == (Refusal(level="part", name="B1-FRST", code="AM05"),)


@pytest.mark.parametrize(
    ("root", "inner", "kind"),
    [("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054"), ("BkToCstmrStmt", "Stmt", "camt.053")],
)
def test_an_advice_names_what_came_back_without_its_charges(root: str, inner: str, kind: str) -> None:
    answer = read_answer(camt054(returned("D1", "MD06"), CREDITED, root=root, inner=inner))

    assert answer.kind == kind
    assert answer.refusals == (Refusal(level="debit", name="D1", code="MD06", cents=7055, settled=True),)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (XXE, UnsafeXml),
        (BILLION_LAUGHS, UnsafeXml),
        (b"", UnreadableXml),
        (b"not xml", UnreadableXml),
        (b"<Document/>", NotABankAnswer),
        (b"<Document><CstmrDrctDbtInitn/></Document>", NotABankAnswer),
        (b"<a>" * 100 + b"</a>" * 100, UnsafeXml),
    ],
)
def test_what_is_no_answer_is_refused(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_answer(content)


@pytest.mark.parametrize("amount", ["", "x", "NaN", "Infinity", "-1", "1e400", "1.005", "9" * 40])
def test_an_amount_that_is_none_is_not_told(amount: str) -> None:
    (refusal,) = read_answer(pain002(refused("D1", amount=amount))).refusals

    assert refusal.cents is None


@pytest.mark.parametrize("name", ["x" * 36, "é", "", "{$ne}" * 8])
def test_a_name_that_cannot_be_ours_names_nothing(name: str) -> None:
    (refusal,) = read_answer(pain002(refused(name))).refusals

    assert refusal.name == ""


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_refused(content: bytes) -> None:
    with pytest.raises((UnreadableXml, UnsafeXml, NotABankAnswer)):
        read_answer(content)


@pytest.mark.parametrize(("code", "read"), [("AM04", "AM04"), ("", "NARR"), ("{$gt}", "NARR"), ("TOOLONG", "TOOL")])
def test_a_reason_is_four_letters_or_none(code: str, read: Any) -> None:
    (refusal,) = read_answer(pain002(refused("D1", code))).refusals

    assert refusal.code == read
