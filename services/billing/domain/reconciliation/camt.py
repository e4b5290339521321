"""Statements as ISO 20022 XML: camt.053 (a day's account) and camt.054 (single movements), any version of them."""

import re
from collections.abc import Iterator
from datetime import date

from services.billing.domain.reconciliation.statements import LONGEST_LABEL, Said
from services.billing.domain.reconciliation.tables import LONGEST_REFERENCE
from services.billing.domain.xml_files import Element, read_xml
from shared.errors import N_, BadInput
from shared.text import tidy

REPORTS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
AMOUNT = re.compile(r"(?P<euros>[0-9]{1,9})(?:[.](?P<cents>[0-9]{1,2})0*)?")
MOST_LINES = 100_000


class NoBankStatement(BadInput):
    code = "no-bank-statement"
    title = N_("Not a bank statement")
    sentence = N_("This file is no camt.053 or camt.054 statement.")
    remedy = N_("Ask the bank for the statement in one of these formats, or as a CSV table.")


class WrongEntry(BadInput):
    code = "bank-statement-unreadable"
    title = N_("Statement not understood")
    sentence = N_("Movement %(place)s of this statement has no usable “%(field)s”. Nothing of it was taken over.")
    remedy = N_("Send the file unchanged; if it is, ask the bank for it again.")


def read_camt(content: bytes) -> list[Said]:
    """Every booked movement in euros. Raises `UnreadableXml`, `UnsafeXml`, `NoBankStatement`, `WrongEntry`.

    An entry of several transactions that tell their amounts becomes a line for each.
    """
    root = read_xml(content)
    found: list[Said] = []
    place = 0
    for report, part in REPORTS.items():
        for entry in root.each(report, part, "Ntry"):
            place += 1
            if entry.say("Sts", "Cd") in {"PDNG", "INFO"} or entry.say("Sts") in {"PDNG", "INFO"}:
                continue
            found += _entry(entry, place)
    if not any(root.find(report) for report in REPORTS):
        raise NoBankStatement()
    if len(found) > MOST_LINES:
        raise WrongEntry(place=MOST_LINES, field="Ntry")
    return found


def _entry(entry: Element, place: int) -> Iterator[Said]:
    on = _day(entry, place)
    sign = _sign(entry, place)
    details = list(entry.each("NtryDtls", "TxDtls"))
    amounts = [_transaction_cents(detail, place) for detail in details]
    whole = _cents(entry.find("Amt"), place)
    if len(details) > 1 and all(amounts) and sum(cents or 0 for cents in amounts) == whole:
        for detail, cents in zip(details, amounts, strict=True):
            yield _said(entry, detail, on, sign * (cents or 0))
        return
    yield _said(entry, details[0] if len(details) == 1 else None, on, sign * whole)


def _transaction_cents(detail: Element, place: int) -> int | None:
    found = detail.find("Amt") or detail.find("AmtDtls", "TxAmt", "Amt")
    return _cents(found, place) if found else None


def _said(entry: Element, detail: Element | None, on: date, cents: int) -> Said:
    label = [entry.say("AddtlNtryInf")]
    references = [entry.say("AcctSvcrRef"), entry.say("NtryRef")]
    if detail:
        label += [one.text for one in detail.each("RmtInf", "Ustrd")] + [detail.say("AddtlTxInf")]
        references = [
            detail.say("RmtInf", "Strd", "CdtrRefInf", "Ref"),
            _end_to_end(detail),
            detail.say("Refs", "AcctSvcrRef"),
            *references,
        ]
    reference = next((one for one in references if one), "")
    words = tidy(" ".join(part for part in label if part))
    return Said(on=on, cents=cents, label=words[:LONGEST_LABEL], reference=tidy(reference)[:LONGEST_REFERENCE])


def _end_to_end(detail: Element) -> str:
    given = detail.say("Refs", "EndToEndId")
    return "" if given == "NOTPROVIDED" else given


def _day(entry: Element, place: int) -> date:
    for path in (("BookgDt", "Dt"), ("BookgDt", "DtTm"), ("ValDt", "Dt"), ("ValDt", "DtTm")):
        if written := entry.say(*path):
            try:
                return date.fromisoformat(written[:10])
            except ValueError:
                break
    raise WrongEntry(place=place, field="BookgDt")


def _sign(entry: Element, place: int) -> int:
    """A credit came in; a reversed one went out again."""
    signs = {"CRDT": 1, "DBIT": -1}
    if (side := entry.say("CdtDbtInd")) not in signs:
        raise WrongEntry(place=place, field="CdtDbtInd")
    return signs[side]


def _cents(amount: Element | None, place: int) -> int:
    written = AMOUNT.fullmatch(amount.text) if amount else None
    if amount is None or written is None or amount.attributes.get("Ccy", "EUR") != "EUR":
        raise WrongEntry(place=place, field="Amt")
    return int(written["euros"]) * 100 + int((written["cents"] or "0").ljust(2, "0"))
