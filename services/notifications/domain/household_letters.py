"""The letters about a household's file: a change the town answered, the yearly reading."""

from collections.abc import Callable, Mapping
from typing import Any

from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.households import ChangeAnswered, ReconfirmationAsked
from shared.errors import N_

ASKED = {
    "guardian_name": N_("the name of a guardian"),
    "child_name": N_("the name of a child"),
    "child_added": N_("a new child"),
    "child_removed": N_("a child to be taken off"),
    "custody": N_("the custody weeks"),
}
ACCEPTED = N_("%(town)s accepted the change you asked for: %(change)s. It is done.")
REFUSED = N_("%(town)s did not accept the change you asked for: %(change)s. Nothing changed.")


def _change(event: ChangeAnswered, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "change": Say(ASKED[event.kind])}
    return Letter(
        subject=Say(N_("%(town)s: answer to your request (%(change)s)"), facts),
        opening=Say(ACCEPTED if event.accepted else REFUSED, facts),
        quote=event.reason,
        action=(Say(N_("See my household")), desk.page("foyer")),
    )


def _reconfirmation(event: ReconfirmationAsked, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "until": event.until}
    return Letter(
        subject=Say(N_("%(town)s: please check your family's file"), facts),
        opening=Say(N_("%(town)s asks you to read your family's file again and confirm it until %(until)s."), facts),
        action=(Say(N_("Check and confirm")), desk.page("foyer")),
        notes=(
            Say(
                N_("Addresses and phones you change yourself; for names, children and custody ask the town hall there.")
            ),
        ),
    )


HOUSEHOLD_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    ChangeAnswered: _change,
    ReconfirmationAsked: _reconfirmation,
}
