"""Which guardian of a file somebody is, when a civil register and a town hall write names each in its own way."""

import pytest

from services.identity.domain.federations import PivotIdentity
from services.identity.domain.strangers import place_of, registration_as_filed
from tests.identity.samples import CODE, MAIL, START, Numbered, family, family_file


def called(given_name: str, family_name: str = "Lefèvre") -> PivotIdentity:
    return PivotIdentity(issuer="https://fc.example", sub="s", given_name=given_name, family_name=family_name)


@pytest.mark.parametrize(
    ("given_name", "place"),
    [
        ("Claire", 0),
        ("Thomas", 1),
        ("THOMAS, JEAN, PAUL", 1),
        ("Jean Thomas", 1),
        ("Odette Claire", 0),
        ("Maïwenn", 0),
        ("", 0),
        ("Claire Thomas", 0),
    ],
)
def test_a_guardian_is_known_by_a_given_name_and_else_is_the_first(given_name: str, place: int) -> None:
    assert place_of(called(given_name), family_file()) == place


def test_the_name_of_birth_does_not_matter() -> None:
    assert place_of(called("Thomas", "Né-Autrement"), family_file()) == 1


def test_the_form_is_the_file_as_it_is() -> None:
    file = family_file()
    asked = registration_as_filed(file, code=CODE, email=MAIL, password="x")

    household = asked.household(file, household_id="hsh_1", new_id=Numbered(), now=START)

    assert [one.first_name for one in household.guardians] == ["Claire", "Thomas"]
    assert [one.phone for one in household.guardians] == [family().phone, ""]
    assert household.guardians[0].email == MAIL
    assert [one.first_name for one in household.children] == ["Jeanne", "Émile"]


def test_what_a_page_greets_with_is_the_first_given_name() -> None:
    assert called("Claire Odette Marie").name == "Claire Lefèvre"
    assert called("").name == "Lefèvre"
