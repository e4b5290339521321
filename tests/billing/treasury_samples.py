"""A batch, a debt in it, and the invoices it may be made of."""

from datetime import UTC, date, datetime

from services.billing.domain.treasury.collection import Batch, TreasurySettings, order_of
from services.billing.domain.treasury.debtors import debtor_of
from services.billing.domain.treasury.ormc import Flow, Piece, ormc
from tests.billing.samples import HOUSEHOLD, HOUSEHOLD_ID, OFFICE, TOWN_ID, invoice

NOW = datetime(2027, 4, 1, 8, tzinfo=UTC)
TODAY = date(2027, 4, 1)
CODES = TreasurySettings(
    id=OFFICE.id,
    municipality_id=TOWN_ID,
    post="038012",
    siret="21380012100013",
    collectivity="400",
    budget="01",
    product="CANT",
)
BATCH = Batch(
    id="trb_1",
    municipality_id=TOWN_ID,
    cash_office_id=OFFICE.id,
    year=2027,
    number=3,
    issued_on=TODAY,
    created_at=NOW,
    created_by="acc_1",
    key="key-00001",
    fingerprint="f",
    groups=((HOUSEHOLD_ID, ("inv_1",)),),
)
DEBTOR = debtor_of(HOUSEHOLD)


def debt(*invoices, name="cor_1", position=17):
    owed = [(one, one.remaining_cents) for one in invoices]
    return order_of(owed, BATCH, CODES, order_id=name, position=position, structure_id="123456")


ORDER = debt(invoice())


def owing(name: str, cents: int, due: date = date(2026, 12, 31)):
    return invoice(name, total_cents=cents, due_date=due, number=name)


def built(*pieces: Piece) -> bytes:
    return ormc(Flow(batch=BATCH, settings=CODES, subject="Restaurant scolaire", pieces=pieces))
