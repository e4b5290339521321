"""A guardian's consent to ask the national service for the household's quotient, now and every month."""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from services.billing.domain.copies import Person
from shared.errors import N_, Refused

Asked = Literal["", "found", "not_found", "refused", "unavailable"]
"""What the service last answered; empty before it was asked."""
FRANCE = "99100"
MOST_A_DAY = 3


class NotAGuardian(Refused):
    code = "not-a-guardian-of-the-household"
    title = N_("Nobody of your household")
    sentence = N_("The first name is not that of a guardian of your household.")
    remedy = N_("Give the identity of a guardian as it is on their birth certificate.")


class AskedOften(Refused):
    code = "quotient-asked-often"
    title = N_("Asked often today")
    sentence = N_("The national service was already asked %(times)s times today.")
    remedy = N_("Try again tomorrow, or send the proof of your quotient to the town.")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the national service finds a person by. Towns and countries by their INSEE codes."""

    birth_name: str
    first_names: tuple[str, ...]
    sex: Literal["M", "F"]
    birth_date: date
    birth_country: str = FRANCE
    birth_town: str = ""


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One of a household in a town. `sealed`: the identity, unreadable at rest; gone with the consent.

    `next_on`: when the service is asked again; `told`: the last quotient the household was told of.
    """

    id: str
    household_id: str
    municipality_id: str
    account_id: str
    given_at: datetime
    sealed: str
    withdrawn_at: datetime | None = None
    asked: Asked = ""
    asked_on: date | None = None
    times: int = 0
    next_on: date | None = None
    told: Decimal | None = None
    version: int = 0


def consent_id(household_id: str, municipality_id: str) -> str:
    return f"{household_id}/{municipality_id}"


def sealing(consent_id: str) -> str:
    """What an identity is sealed for."""
    return f"quotient-consent/{consent_id}/identity"


def written(identity: Identity) -> str:
    return json.dumps({**asdict(identity), "birth_date": identity.birth_date.isoformat()})


def read(text: str) -> Identity:
    found = json.loads(text)
    return Identity(
        **{
            **found,
            "first_names": tuple(found["first_names"]),
            "birth_date": date.fromisoformat(found["birth_date"]),
        }
    )


def check_guardian(identity: Identity, guardians: Iterable[Person]) -> None:
    """Nobody asks for what others earn: the first name must be one of the household's. Raises `NotAGuardian`."""
    known = {_plain(guardian.first_name) for guardian in guardians}
    if not known & {_plain(name) for name in identity.first_names}:
        raise NotAGuardian()


def check_times(consent: Consent, today: date) -> None:
    """Raises `AskedOften`."""
    if consent.asked_on == today and consent.times >= MOST_A_DAY:
        raise AskedOften(times=consent.times)


def asked(consent: Consent, outcome: Asked, today: date) -> Consent:
    """After the service was asked: again next month, or tomorrow when it was away."""
    times = consent.times + 1 if consent.asked_on == today else 1
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    again = today + timedelta(days=1) if outcome == "unavailable" else next_month
    return replace(consent, asked=outcome, asked_on=today, times=times, next_on=again)


def withdrawn(consent: Consent, now: datetime) -> Consent:
    """The quotients that were taken stay: prices were made with them."""
    return replace(consent, withdrawn_at=now, sealed="", next_on=None)


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in bare if letter.isalpha()).casefold()
