"""The invented people who can be chosen; two of them are of the sample town."""

import hashlib
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Person:
    """A pivot identity under FranceConnect's own names: given names in one, dates ISO 8601, places INSEE codes."""

    given_name: str
    family_name: str
    birthdate: str
    gender: str = "female"
    birthplace: str = "37261"
    birthcountry: str = "99100"
    email: str = ""

    def sub(self, client_id: str) -> str:
        """One per person and site, so that sites cannot compare."""
        facts = "\n".join((client_id, *asdict(self).values()))
        return f"{hashlib.sha256(facts.encode()).hexdigest()}v1"


PEOPLE = (
    Person(
        given_name="Claire Odette",
        family_name="Lefèvre",
        birthdate="1986-04-12",
        email="claire.lefevre@messagerie.example",
    ),
    Person(
        given_name="Thomas",
        family_name="Lefèvre",
        birthdate="1984-11-03",
        gender="male",
        email="thomas.lefevre@messagerie.example",
    ),
    Person(given_name="Maïwenn Jeanne", family_name="Le Goff", birthdate="1992-02-29", birthplace="29019"),
    Person(given_name="Amadou", family_name="Diallo", birthdate="1988-07-21", gender="male", birthcountry="99330"),
)
