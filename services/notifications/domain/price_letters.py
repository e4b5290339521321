"""What families are told of their quotient: that it is missing and what it could save, or that it changed."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.copies import Names
from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from services.notifications.domain.words import Words
from shared.contracts import Event
from shared.contracts.billing_quotients import QuotientInvited, QuotientRefreshed
from shared.errors import N_
from shared.money import Cents

MISSING = N_("%(town)s does not know your family quotient: you pay the highest prices.")
SAVING = N_("With the days of last month, you could have paid up to %(amount)s less.")
HOW = N_("Send its proof to the town hall with a request, or let the town ask the national service, with your consent.")
CHANGED = N_("The national service tells another family quotient: it counts from %(day)s on.")


def _invitation(event: QuotientInvited, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: your family quotient is missing"), {"town": desk.town.name}),
        opening=Say(MISSING, {"town": desk.town.name}),
        notes=(*_saving(event), Say(HOW)),
        action=(Say(N_("Give my quotient")), desk.page("demandes")),
    )


def _saving(event: QuotientInvited) -> tuple[Say, ...]:
    return (Say(SAVING, {"amount": Cents(event.up_to_cents)}),) if event.up_to_cents else ()


def _refreshed(event: QuotientRefreshed, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: your prices change"), {"town": desk.town.name}),
        opening=Say(CHANGED, {"day": event.effective_on}),
        action=(Say(N_("See my bookings")), desk.page("reservations")),
    )


def _invited(event: QuotientInvited, names: Names, _: str) -> Words:
    return Words(
        title=Say(N_("Your family quotient is missing")),
        body=Say(MISSING, {"town": names.towns.get(event.municipality_id, "")}),
        about_type="household",
        about_id=event.household_id,
    )


def _changed(event: QuotientRefreshed, _: Names, __: str) -> Words:
    return Words(
        title=Say(N_("Your prices change")),
        body=Say(CHANGED, {"day": event.effective_on}),
        about_type="household",
        about_id=event.household_id,
    )


PRICE_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    QuotientInvited: _invitation,
    QuotientRefreshed: _refreshed,
}
PRICE_WORDINGS: Mapping[type[Event], Callable[[Any, Names, str], Words]] = {
    QuotientInvited: _invited,
    QuotientRefreshed: _changed,
}
