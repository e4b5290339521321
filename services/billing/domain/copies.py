"""What other services told of towns, programmes and households, as far as a bill shows or needs it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

BillingMode = Literal["postpaid", "prepaid"]
ZONE_BEFORE_THE_TOWN_IS_KNOWN = "Europe/Paris"


@dataclass(frozen=True, kw_only=True)
class Town:
    id: str
    name: str
    time_zone: str
    contact_email: str
    contact_phone: str
    contact_address: str


@dataclass(frozen=True, kw_only=True)
class Activity:
    """`minutes`: how long it is planned to last, None where the town does not say."""

    id: str
    name: str
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Programme:
    id: str
    municipality_id: str
    name: str
    billing_mode: BillingMode
    activities: tuple[Activity, ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """`email` is empty for a child, and for an adult of whom the town knows none; `birth_date` is a child's."""

    id: str
    civility: str = ""
    first_name: str
    last_name: str
    email: str = ""
    birth_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Household:
    """Personal data: shown on the household's own documents and answers, never logged."""

    id: str
    name: str
    address: str
    guardians: tuple[Person, ...]
    children: tuple[Person, ...]


def zone_of(town: Town | None) -> ZoneInfo:
    return ZoneInfo(town.time_zone if town else ZONE_BEFORE_THE_TOWN_IS_KNOWN)


def today_in(town: Town | None, now: datetime) -> date:
    """The local date in the town."""
    return now.astimezone(zone_of(town)).date()


def payer_email(household: Household, town: Town) -> str:
    """Where the payment receipt goes: PayFiP insists on an address, so the town's stands in for a missing one."""
    known = [guardian.email for guardian in household.guardians if guardian.email]
    return known[0] if known else town.contact_email
