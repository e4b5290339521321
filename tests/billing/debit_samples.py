"""A creditor, a mandate and a debit of the sample family; the account numbers are valid by their digits only."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.billing.domain.debits.batches import Batch, DebitFile, Entry
from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.debits import Debit, planned
from services.billing.domain.debits.mandates import Mandate
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, TOWN_ID, invoice

TODAY = date(2026, 12, 1)
IBAN, OTHER_IBAN = "FR7630006000011234567890189", "FR1420041010050500013M02606"
ICS = "FR72ZZZ123456"
SIRET = "21380185500015"
CREDITOR = Creditor(
    id=OFFICE.id,
    municipality_id=TOWN_ID,
    name="Régie restauration Sainte-Aurore",
    ics=ICS,
    iban=OTHER_IBAN,
    bic="PSSTFRPP",
    siret=SIRET,
    file_code="RESTO",
)
MANDATE = Mandate(
    id="mdt_0192aabbccdd7eef8123456789abcdef",
    municipality_id=TOWN_ID,
    household_id=HOUSEHOLD_ID,
    cash_office_id=OFFICE.id,
    rum="M0192AABBCCDDEEF8123456789ABC",
    holder="Claire Martin",
    iban="sealed",
    account_shown="FR•• •••• 0189",
    bic="AGRIFRPPXXX",
    bank="CREDIT AGRICOLE SA",
    signed_on=date(2026, 10, 5),
    signed_how="online",
    signed_by="grd_1",
    text_version="t1",
)
DEBIT_ID = "dbt_0192aabbccdd7eef8123456789abcdef"


def debit(**changed: Any) -> Debit:
    plain = planned(DEBIT_ID, invoice(), MANDATE, CREDITOR, today=TODAY, now=NOW)
    assert plain
    return replace(plain, **changed)


def entry(sequence: Any = "FRST", cents: int = 7055, **changed: Any) -> Entry:
    plain = Entry(
        sequence=sequence,
        collect_on=date(2026, 12, 31),
        cents=cents,
        end_to_end=f"D{sequence}{cents}",
        rum=MANDATE.rum,
        signed_on=MANDATE.signed_on,
        amended=False,
        name="Zoé d’Œuvré-Martín",
        iban=IBAN,
        bic=MANDATE.bic,
        text="Régie restauration facture F2026-000001",
    )
    return replace(plain, **changed)


def debit_file(*entries: Entry, creditor: Creditor = CREDITOR) -> DebitFile:
    at = datetime(2026, 12, 22, 9, 30, tzinfo=UTC)
    return DebitFile(message_id="B0192AABBCCDDEEF81234", created_at=at, creditor=creditor, entries=entries)


def batch(**changed: Any) -> Batch:
    plain = Batch(
        id="dbb_0192aabbccdd7eef8123456789abcdef",
        municipality_id=TOWN_ID,
        cash_office_id=OFFICE.id,
        collect_on=date(2026, 12, 31),
        message_id="B0192AABBCCDDEEF81234",
        schema="pain.008.001.02",
        made_on=TODAY,
        made_at=NOW,
        made_by="acc_agent",
        key="key-00001",
        fingerprint="f",
    )
    return replace(plain, **changed)
