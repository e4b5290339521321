"""What other services told of towns, households and programmes, as far as a message or a mail shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Town:
    """A municipality as its mails present it. Colours: `#` and six hex digits, empty where identity told none."""

    id: str
    name: str
    time_zone: str
    contact_email: str
    contact_phone: str
    contact_address: str
    services: tuple[str, ...]
    primary_colour: str = ""
    accent_colour: str = ""


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
    phone: str = ""


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
