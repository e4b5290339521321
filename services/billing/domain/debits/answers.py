"""What banks answer to a file of debits: pain.002 (refused before the day) and camt.053/054 (come back after it).

Every version in use is read alike: what is asked for stands under the same names in all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from services.billing.domain.debits.refusals import NotABankAnswer
from services.billing.domain.xml_files import Element, read_xml

Level = Literal["debit", "part", "file"]
"""What is refused: one debit, all of one sequence in a file, or the whole file."""
AnswerKind = Literal["pain.002", "camt.054", "camt.053"]
ROOTS: dict[str, AnswerKind] = {
    "CstmrPmtStsRpt": "pain.002",
    "pain.002.001.02": "pain.002",
    "BkToCstmrDbtCdtNtfctn": "camt.054",
    "BkToCstmrStmt": "camt.053",
}
REFUSED = "RJCT"
NO_REASON = "NARR"
LONGEST_NAME = 35
MOST_EUROS = Decimal(999_999_999)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`name`: of the debit (EndToEndId), the part (PmtInfId) or the file (MsgId). `settled`: the money had come.

    `cents`: what the bank says the debit was, None when it does not say.
    """

    level: Level
    name: str
    code: str
    cents: int | None = None
    settled: bool = False


@dataclass(frozen=True, kw_only=True)
class BankAnswer:
    kind: AnswerKind
    message_id: str
    refusals: tuple[Refusal, ...]


def read_answer(content: bytes) -> BankAnswer:
    """Raises `NotABankAnswer`, `UnreadableXml`, `UnsafeXml`."""
    document = read_xml(content)
    body = next((child for child in document.children if child.name in ROOTS), None)
    if body is None:
        raise NotABankAnswer()
    kind = ROOTS[body.name]
    found = _of_status(body) if kind == "pain.002" else _of_entries(body)
    return BankAnswer(kind=kind, message_id=_name(body.say("GrpHdr", "MsgId")), refusals=tuple(found))


def _of_status(body: Element) -> Iterator[Refusal]:
    """What is refused at a level is not told again below it."""
    for group in body.each("OrgnlGrpInfAndSts"):
        if group.say("GrpSts") == REFUSED:
            yield Refusal(level="file", name=_name(group.say("OrgnlMsgId")), code=_code(group, "StsRsnInf"))
            return
    for part in body.each("OrgnlPmtInfAndSts"):
        if part.say("PmtInfSts") == REFUSED and part.find("TxInfAndSts") is None:
            yield Refusal(level="part", name=_name(part.say("OrgnlPmtInfId")), code=_code(part, "StsRsnInf"))
    for one in body.under("TxInfAndSts"):
        if one.say("TxSts") == REFUSED:
            amount = one.say("OrgnlTxRef", "Amt", "InstdAmt")
            yield _debit(one.say("OrgnlEndToEndId"), _code(one, "StsRsnInf"), amount, settled=False)


def _of_entries(body: Element) -> Iterator[Refusal]:
    for one in body.under("TxDtls"):
        if one.find("RtrInf") is not None:
            yield _debit(one.say("Refs", "EndToEndId"), _code(one, "RtrInf"), _amount(one), settled=True)


def _amount(one: Element) -> str:
    """What the debit was: charges of the return are told apart from it."""
    places = (("AmtDtls", "InstdAmt", "Amt"), ("AmtDtls", "TxAmt", "Amt"), ("Amt",))
    return next((said for place in places if (said := one.say(*place))), "")


def _debit(name: str, code: str, amount: str, *, settled: bool) -> Refusal:
    return Refusal(level="debit", name=_name(name), code=code, cents=_cents(amount), settled=settled)


def _code(one: Element, place: str) -> str:
    found = one.find(place)
    code = (found.say("Rsn", "Cd") or found.say("Rsn", "Prtry")) if found else ""
    return code[:4] if code.isascii() and code.isalnum() else NO_REASON


def _name(said: str) -> str:
    """As far as it can be one of ours: what is longer names nothing here."""
    return said if len(said) <= LONGEST_NAME and said.isascii() and said.isprintable() else ""


def _cents(amount: str) -> int | None:
    try:
        euros = Decimal(amount)
    except InvalidOperation:
        return None
    if not euros.is_finite() or not 0 <= euros <= MOST_EUROS:
        return None
    cents = euros * 100
    return int(cents) if cents == cents.to_integral_value() else None
