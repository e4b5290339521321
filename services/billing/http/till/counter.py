"""Money at the counter."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.till.counter import Asked
from services.billing.domain.till.receipts import NOTHING_SPECIAL, Means, Voucher
from services.billing.http.parts import INVOICES
from services.billing.http.till.parts import MONEY, MONEY_TILL
from services.billing.http.till.receipts import ReceiptShown, shown
from services.billing.http.till.shapes import DESK, Amount, Name, Office, Reference, office_of, town_of
from services.billing.usecases.till.take_counter_payment import CounterPayment, take_counter_payment
from shared import audit
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.web import Body, Key, Route, agent

Serial = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,40}$")]


class ChequeGiven(Body):
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{7,12}$")]
    bank: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class VoucherGiven(Body):
    kind: Literal["cesu", "ancv"]
    serial: Serial
    cents: Amount


class PieceToPay(Body):
    """`cents`: all that remains without it."""

    invoice_id: Name
    cents: Amount | None = None


class CounterPaymentEntered(Body):
    """`surplus`: what becomes of more than is owed: `credit` a credit note, `refund` paid back; refused without it.

    `received_on`: an earlier day whose books are still open; today without it. `transaction`: of the card terminal or
    the transfer.
    """

    cash_office_id: Office
    household_id: Name
    cents: Amount
    mode: Literal["cash", "cheque", "card", "transfer", "voucher"]
    pieces: Annotated[list[PieceToPay], Field(min_length=1, max_length=50)]
    surplus: Literal["credit", "refund"] | None = None
    cheque: ChequeGiven | None = None
    vouchers: Annotated[list[VoucherGiven], Field(max_length=100)] = []  # noqa: RUF012  # pydantic copies defaults
    transaction: Reference = ""
    received_on: LocalDate | None = None

    def means(self) -> Means:
        if not (self.cheque or self.vouchers):
            return NOTHING_SPECIAL
        return Means(
            cheque_number=self.cheque.number if self.cheque else "",
            bank=self.cheque.bank if self.cheque else "",
            vouchers=tuple(Voucher(kind=one.kind, serial=one.serial, cents=one.cents) for one in self.vouchers),
        )


async def take_payment_at_counter(
    request: web.Request, body: CounterPaymentEntered, caller: Caller, key: Key
) -> ReceiptShown:
    """Enter a payment at the counter; the answer is its receipt, the invoices are settled"""
    office = await office_of(request, caller, body.cash_office_id)
    asked = CounterPayment(
        municipality_id=town_of(office),
        household_id=body.household_id,
        cash_office_id=office.id,
        cents=body.cents,
        mode=body.mode,
        means=body.means(),
        transaction=body.transaction,
        pieces=[Asked(invoice_id=one.invoice_id, cents=one.cents) for one in body.pieces],
        surplus=body.surplus,
        on=body.received_on,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    money = request.app[MONEY]
    receipt = await take_counter_payment(
        asked, till=request.app[MONEY_TILL], days=money.receipts, pieces=request.app[INVOICES]
    )
    audit.about(request, town_of(office), households=[receipt.household_id], others=[receipt.id])
    return shown(receipt)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/counter-payments",
        handler=take_payment_at_counter,
        who=agent(*DESK),
        body=CounterPaymentEntered,
        answer=ReceiptShown,
        status=201,
        keyed=True,
        audit="payment_taken",
    ),
]
