"""A town that uses Préau, and the file that describes it."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from services.identity.domain.branding import Branding
from services.identity.domain.text import EMAIL_LENGTH, LINE_LENGTH, is_email, normal_email
from shared.contracts.identity import MunicipalitySet
from shared.text import tidy

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# The sets reservations knows.
PublicHolidays = Literal[
    "metropole",
    "alsace-moselle",
    "guadeloupe",
    "guyane",
    "la-reunion",
    "martinique",
    "mayotte",
    "nouvelle-caledonie",
    "polynesie-francaise",
    "saint-barthelemy",
    "saint-martin",
    "saint-pierre-et-miquelon",
    "wallis-et-futuna",
]


@dataclass(frozen=True, kw_only=True)
class Contact:
    email: str
    phone: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """A tenant. `id` is a readable slug, `opening_view` `agenda` or `period`.

    `reconfirmation_month`: when families are asked to confirm their file each year, 1 to 12, or None.
    """

    id: str
    name: str
    insee: str
    time_zone: str
    school_zone: str
    public_holidays: str
    contact: Contact
    opening_view: str
    services: tuple[str, ...]
    version: int = 0
    branding: Branding = field(default_factory=Branding)
    reconfirmation_month: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def told(self) -> MunicipalitySet:
        return MunicipalitySet(
            municipality_id=self.id,
            name=self.name,
            time_zone=self.time_zone,
            school_zone=self.school_zone,
            public_holidays=self.public_holidays,
            contact_email=self.contact.email,
            contact_phone=self.contact.phone,
            contact_address=self.contact.address,
            opening_view=self.opening_view,
            services=self.services,
            primary_colour=self.branding.primary,
            accent_colour=self.branding.accent,
            logo_path=self.logo_path,
            reconfirmation_month=self.reconfirmation_month,
        )

    @property
    def logo_path(self) -> str | None:
        """Where its logo is shown; another picture is another address."""
        logo = self.branding.logo
        return f"/api/v1/municipalities/{self.id}/logo?v={logo}" if logo else None


def _email(text: str) -> str:
    normal = normal_email(text)
    if not is_email(normal):
        raise ValueError("not an e-mail address")
    return normal


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("lower-case letters and digits, in words joined by hyphens")
    return text


@cache
def time_zones() -> frozenset[str]:
    """Names of the tz database. Python looks them up on the disk each time it is asked."""
    return frozenset(available_timezones())


def _time_zone(text: str) -> str:
    if text not in time_zones():
        raise ValueError("not a time zone of the tz database")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=LINE_LENGTH), AfterValidator(tidy)]
Email = Annotated[str, StringConstraints(max_length=EMAIL_LENGTH), AfterValidator(_email)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TownContact(_Part):
    email: Email
    phone: Annotated[str, StringConstraints(max_length=LINE_LENGTH)]
    address: Annotated[str, StringConstraints(max_length=LINE_LENGTH)]


class TownManager(_Part):
    email: Email
    first_name: Line
    last_name: Line


class TownFile(_Part):
    """A town.json: the municipality and its first manager."""

    id: Annotated[str, StringConstraints(max_length=60), AfterValidator(_slug)]
    name: Line
    insee: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9AB][0-9]{3}$")]
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    school_zone: Line
    public_holidays: PublicHolidays
    contact: TownContact
    opening_view: Literal["agenda", "period"] = "agenda"
    services: tuple[Line, ...] = ()
    manager: TownManager

    def municipality(self) -> Municipality:
        return Municipality(
            id=self.id,
            name=self.name,
            insee=self.insee,
            time_zone=self.time_zone,
            school_zone=self.school_zone,
            public_holidays=self.public_holidays,
            contact=Contact(email=self.contact.email, phone=self.contact.phone, address=self.contact.address),
            opening_view=self.opening_view,
            services=self.services,
        )
