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


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """An adult of the household; `email` is empty when the town knows none."""

    id: str
    first_name: str
    last_name: str
    email: str


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
    """Every guardian with an address; parents who share one get one mail, in the first one's name."""
    language = household.language if household.language in LANGUAGES else DEFAULT_LANGUAGE
    by_address: dict[str, Recipient] = {}
    for guardian in household.guardians:
        address = guardian.email.strip()
        if address:
            name = f"{guardian.first_name} {guardian.last_name}".strip()
            recipient = Recipient(id=guardian.id, address=address, name=name, language=language)
            by_address.setdefault(address.casefold(), recipient)
    return tuple(by_address.values())
