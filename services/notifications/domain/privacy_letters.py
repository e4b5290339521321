"""The letters about somebody's data: an archive that is ready, a household forgotten, an account nobody uses."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.paper import Desk, Letter, as_it_is
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.privacy import ErasureReported, ExportReady, InactivityNoticed
from shared.errors import N_


def _archive(event: ExportReady, desk: Desk) -> Letter:
    until = event.expires_at.astimezone(ZoneInfo(desk.town.time_zone))
    return Letter(
        subject=Say(N_("Your data on Préau is ready")),
        opening=Say(N_("The archive of everything Préau knows of your household is ready.")),
        details=((Say(N_("To fetch until")), as_it_is(until)),),
        action=(Say(N_("Fetch my archive")), desk.page("compte")),
        notes=(
            Say(N_("It holds invoices and personal details: keep it where nobody else can read it.")),
            Say(N_("If you did not ask for it, change your password and tell the town hall.")),
        ),
    )


def _erased(event: ErasureReported, _: Desk) -> Letter:
    return Letter(
        subject=Say(N_("Your household was erased from Préau")),
        opening=Say(N_("Your household, your accounts and your children's files are erased from all of Préau.")),
        notes=(*_kept(event), Say(N_("This is our last message: your address is forgotten with it."))),
    )


def _kept(event: ErasureReported) -> tuple[Say, ...]:
    """What the law makes the town keep."""
    kept = []
    if event.in_debt:
        kept.append(
            Say(
                N_(
                    "One or more invoices are not paid: with your name and address they stay with the town's cash "
                    "office until they are."
                )
            )
        )
    if event.accounting_until:
        kept.append(
            Say(
                N_("Paid invoices are accounting documents the law keeps, the last of them until %(until)s."),
                {"until": event.accounting_until},
            )
        )
    return tuple(kept) or (Say(N_("Nothing of it is kept.")),)


def _inactive(event: InactivityNoticed, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("Your account on Préau will be erased")),
        opening=Say(
            N_("Nobody has signed in to your household's account for very long: it will be erased on %(day)s."),
            {"day": event.erased_on},
        ),
        action=(Say(N_("Sign in to keep it")), desk.page("connexion")),
        notes=(
            Say(N_("Signing in once is enough to keep it. If you need it no longer, you need not do anything.")),
            Say(N_("Before it goes you can fetch everything Préau knows of you on your account page.")),
        ),
    )


PRIVACY_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    ExportReady: _archive,
    ErasureReported: _erased,
    InactivityNoticed: _inactive,
}
