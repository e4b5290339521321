"""What a kind of letter is: the event that leads to it, the facts a town may name in its own words, a sample."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.notifications.domain.paper import Desk
from services.notifications.domain.say import month_name
from shared.contracts import Event
from shared.errors import N_
from shared.money import Cents


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What `{name}` stands for; `label` says it to the agent who writes."""

    name: str
    label: str
    value: Callable[[Any, Desk], Any]


@dataclass(frozen=True, kw_only=True)
class LetterKind:
    """`key` is also its address. `facts` besides those every letter has. `needs`: without these an opening would not
    say what the letter is about. `keeps_notes`: what the letter says after its link protects its reader, so that a
    town may add to it but not take it away.
    """

    key: str
    label: str
    contract: type[Event]
    sample: Event
    facts: tuple[Fact, ...] = ()
    applies: Callable[[Any], bool] = lambda _: True
    needs: tuple[str, ...] = ()
    keeps_notes: bool = False

    @property
    def all_facts(self) -> tuple[Fact, ...]:
        return (*COMMON, *self.facts)

    @property
    def places(self) -> tuple[str, ...]:
        """The names that may stand between braces."""
        return tuple(fact.name for fact in self.all_facts)


COMMON = (
    Fact(name="town", label=N_("Name of the town"), value=lambda _, desk: desk.town.name),
    Fact(name="reader", label=N_("Name of whoever reads the letter"), value=lambda _, desk: desk.recipient.name),
    Fact(name="town_phone", label=N_("Phone of the town hall"), value=lambda _, desk: desk.town.contact_phone),
    Fact(name="town_email", label=N_("E-mail of the town hall"), value=lambda _, desk: desk.town.contact_email),
)


def told(name: str, label: str, field: str = "") -> Fact:
    """A field of the event as it is."""
    return Fact(name=name, label=label, value=lambda event, _: getattr(event, field or name))


def money(name: str, label: str, field: str) -> Fact:
    return Fact(name=name, label=label, value=lambda event, _: Cents(getattr(event, field)))


def month(name: str, label: str, field: str = "month") -> Fact:
    def value(event: Any, desk: Desk) -> str:
        return month_name(getattr(event, field), desk.recipient.language)

    return Fact(name=name, label=label, value=value)


def listed(name: str, label: str, field: str) -> Fact:
    return Fact(name=name, label=label, value=lambda event, _: ", ".join(getattr(event, field)))


def when(name: str, label: str, field: str) -> Fact:
    """An instant on the town's clock."""
    return Fact(name=name, label=label, value=lambda event, desk: getattr(event, field).astimezone(desk.zone))
