"""Who and what the demonstration is about: towns, agents with their log-ins, the families it invents."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.local.demo.stage import Person
from deploy.local.logins import DemoLogin

TOWN, OTHER_TOWN = "sainte-aurore", "le-val-dore"
RESTAURANT, REPAS = f"{TOWN}.restaurant", f"{TOWN}.repas"
WORKSHOPS, POTTERY = f"{TOWN}.ateliers", f"{TOWN}.atelier-poterie"
BUS = f"{TOWN}.transport"
SCHOOL = f"{TOWN}.ecole-des-tilleuls"


@dataclass
class Family:
    """A family the town knows by `reference`; the rest comes as it registers."""

    town: str
    reference: str
    name: str
    email: str
    child: str
    password: str = field(default_factory=lambda: f"Préau-{secrets.token_urlsafe(12)}")
    parent: Person = field(default_factory=lambda: Person("parent"))
    child_id: str = ""

    @property
    def child_reference(self) -> str:
        return f"{self.reference}-1"

    def line(self) -> str:
        """Its line of families.csv."""
        address = "3 allée des Tilleuls;37000;Démonstration"
        parent = f"Mme;{self.name};Alix;;;"
        child = f"{self.child_reference};{self.name};{self.child};14/05/2019;oui"
        return f"{self.reference};{self.name};{self.email};06 39 98 99 99;{address};{parent};{child}"


@dataclass
class Story:
    """`mark` makes every run's families new, so that the demonstration can be played again."""

    logins: Sequence[DemoLogin]
    first: Family
    second: Family
    elsewhere: Family
    agents: dict[str, Person] = field(default_factory=dict)
    invoice_ids: list[str] = field(default_factory=list)

    @classmethod
    def starting(cls, logins: Sequence[DemoLogin]) -> "Story":
        mark = f"{int(time.time()):x}"
        return cls(
            logins,
            Family(TOWN, f"D{mark}A", "Démo-Martin", f"martin.{mark}@demo.example", "Lou"),
            Family(TOWN, f"D{mark}B", "Démo-Diallo", f"diallo.{mark}@demo.example", "Noé"),
            Family(OTHER_TOWN, f"D{mark}C", "Démo-Payet", f"payet.{mark}@demo.example", "Inès"),
        )

    def login(self, town: str, role: str) -> DemoLogin:
        """An agent of that town with that role; a manager stands in for any other."""
        own = [login for login in self.logins if login.town == town]
        exact = [login for login in own if role in login.role]
        return (exact or [login for login in own if "manager" in login.role])[0]
