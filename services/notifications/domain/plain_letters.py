"""A mail for what has no letter of its own: the words of the inbox, and a link to what they are about."""

from collections.abc import Mapping

from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from services.notifications.domain.wording import words_of
from shared.contracts import Event
from shared.errors import N_

# The portal's page, and what the link to it says, by what a message is about.
PAGES: Mapping[str, tuple[str, str]] = {
    "child": ("reservations", N_("See my bookings")),
    "order": ("reservations", N_("See my bookings")),
    "invoice": ("factures", N_("See my invoices")),
    "payment": ("factures", N_("See my invoices")),
    "debit": ("factures", N_("See my invoices")),
    "request": ("demandes", N_("See my requests")),
    "news": ("actualites", N_("Read the news")),
}
ELSEWHERE = ("messages", N_("See my messages"))


def plain_letter(event: Event, desk: Desk) -> Letter:
    """Raises `KeyError` for an event no family is told about."""
    words = words_of(event, desk.names, desk.recipient.language)
    page, label = PAGES.get(words.about_type, ELSEWHERE)
    return Letter(
        subject=Say("%(town)s – %(title)s", {"town": desk.town.name, "title": words.title}),
        opening=words.body,
        action=(Say(label), desk.page(page)),
    )
