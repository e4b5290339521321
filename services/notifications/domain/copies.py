"""What other services told of towns, households and programmes, as far as a message or a mail shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.i18n import DEFAULT_LANGUAGE, LANGUAGES


@dataclass(frozen=True, kw_only=True)
class Town:
    """A municipality as its mails present it."""

    id: str
    name: str
    time_zone: str
    contact_email: str
    contact_phone: str
    contact_address: str
    services: tuple[str, ...]


# Whoever writes when no town does: a letter about an account of no town yet.
PLATFORM = Town(
    id="", name="Préau", time_zone="Europe/Paris", contact_email="", contact_phone="", contact_address="", services=()
)


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """An adult of the household; `email` is empty when the town knows none.

    `language`: empty for the household's. `channels`: how they want to be told; empty when they never said.
    """

    id: str
    first_name: str
    last_name: str
    email: str
    secondary_email: str = ""
    language: str = ""
    channels: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where mail goes: nowhere for who wants to be told in other ways."""
        if self.channels and "email" not in self.channels:
            return ()
        return tuple(address for given in (self.email, self.secondary_email) if (address := given.strip()))


@dataclass(frozen=True, kw_only=True)
class Household:
    """`children`: first name by child id. `language`: `fr` or `en`."""

    id: str
    municipality_ids: tuple[str, ...]
    language: str
    guardians: tuple[Guardian, ...]
    children: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One address a mail goes to. `id` names the person or the invitation, never the address."""

    id: str
    address: str
    name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Programme:
    """`activities`: name by activity id."""

    id: str
    municipality_id: str
    name: str
    activities: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Names:
    """How ids are called, for the messages of one household; what is missing is shown in general words."""

    towns: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, str] = field(default_factory=dict)
    programmes: Mapping[str, str] = field(default_factory=dict)
    activities: Mapping[str, str] = field(default_factory=dict)
    news: Mapping[str, str] = field(default_factory=dict)


def recipients_of(household: Household) -> tuple[Recipient, ...]:
    """Every guardian who wants mail, at each address; one they share gets one mail, in the first one's name."""
    by_address: dict[str, Recipient] = {}
    for guardian in household.guardians:
        language = next((one for one in (guardian.language, household.language) if one in LANGUAGES), DEFAULT_LANGUAGE)
        name = f"{guardian.first_name} {guardian.last_name}".strip()
        for place, address in enumerate(guardian.addresses):
            reader = f"{guardian.id}.{place + 1}" if place else guardian.id
            recipient = Recipient(id=reader, address=address, name=name, language=language)
            by_address.setdefault(address.casefold(), recipient)
    return tuple(by_address.values())
