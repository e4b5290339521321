"""What families are told of what they owe: reminded, handed to the Treasury, taken back from it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say, month_name
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack, RemindedInvoice, ReminderSent
from shared.errors import N_
from shared.i18n import show
from shared.money import Cents

FIRST = N_("%(amount)s is still to be paid to %(office)s. If you paid in the last days, please ignore this message.")
AGAIN = N_("We reminded you before: %(amount)s is still to be paid to %(office)s.")
HANDED_OVER = N_(
    "%(amount)s that was not paid to %(office)s was handed to the public accountant, who collects it from now on."
)
TAKEN_BACK = N_("%(amount)s is to be paid to the town again: the public accountant did not take it over.")
HELP = N_("If you cannot pay at once, write to the town hall: an arrangement is possible.")
CHILD = N_("Your children's bookings are not affected by this message.")
ELSEWHERE = N_("The public accountant sends you a notice by post. Please pay as it says, and not to the town any more.")


def _reminder(event: ReminderSent, desk: Desk) -> Letter:
    again = event.step > 1
    subject = N_("%(town)s: second reminder of unpaid invoices") if again else N_("%(town)s: unpaid invoices")
    return Letter(
        subject=Say(subject, {"town": desk.town.name}),
        opening=_owed(event),
        listing=tuple(_lines(event.invoices, desk.recipient.language)),
        action=(Say(N_("See and pay my invoices")), desk.page("factures")),
        notes=(Say(HELP), Say(CHILD)),
    )


def _owed(event: ReminderSent) -> Say:
    facts = {"amount": Cents(event.total_cents), "office": event.cash_office_name}
    return Say(AGAIN if event.step > 1 else FIRST, facts)


def _lines(invoices: Iterable[RemindedInvoice], language: str) -> Iterable[str]:
    for one in invoices:
        parts = (one.number, month_name(one.month, language), show(Cents(one.remaining_cents), language))
        yield " – ".join(parts)


def _hand_over(event: DebtHandedOver, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: invoices handed to the public accountant"), {"town": desk.town.name}),
        opening=Say(HANDED_OVER, _facts(event)),
        details=(
            (Say(N_("Invoices")), as_it_is(", ".join(event.invoice_numbers))),
            (Say(N_("Structure")), as_it_is(event.structure_id)),
            (Say(N_("Reference")), as_it_is(event.reference)),
        ),
        notes=(Say(ELSEWHERE), Say(CHILD)),
    )


def _taking_back(event: DebtTakenBack, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: invoices to be paid to the town again"), {"town": desk.town.name}),
        opening=Say(TAKEN_BACK, {"amount": Cents(event.amount_cents)}),
        details=((Say(N_("Invoices")), as_it_is(", ".join(event.invoice_numbers))),),
        action=(Say(N_("See and pay my invoices")), desk.page("factures")),
    )


def _facts(event: DebtHandedOver) -> dict[str, Any]:
    return {"amount": Cents(event.amount_cents), "office": event.cash_office_name}


def _reminder_words(event: ReminderSent, _: Names, __: str) -> Words:
    return _words(N_("Unpaid invoices"), _owed(event), event.household_id)


def _hand_over_words(event: DebtHandedOver, _: Names, __: str) -> Words:
    return _words(N_("Handed to the public accountant"), Say(HANDED_OVER, _facts(event)), event.household_id)


def _taking_back_words(event: DebtTakenBack, _: Names, __: str) -> Words:
    body = Say(TAKEN_BACK, {"amount": Cents(event.amount_cents)})
    return _words(N_("To be paid to the town again"), body, event.household_id)


def _words(title: str, body: Say, household_id: str) -> Words:
    return Words(title=Say(title), body=body, about_type="household", about_id=household_id)


ARREARS_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    ReminderSent: _reminder,
    DebtHandedOver: _hand_over,
    DebtTakenBack: _taking_back,
}
ARREARS_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    ReminderSent: _reminder_words,
    DebtHandedOver: _hand_over_words,
    DebtTakenBack: _taking_back_words,
}
