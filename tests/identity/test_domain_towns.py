"""The file that describes a town."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from services.identity.domain.municipalities import TownFile
from tests.identity.samples import TOWN, town_file


def test_a_town_is_told_whole() -> None:
    told = town_file().municipality().told()

    assert (told.municipality_id, told.time_zone, told.public_holidays) == (
        "sainte-aurore",
        "Europe/Paris",
        "metropole",
    )
    assert (told.contact_email, told.services) == (TOWN["contact"]["email"], ("Restaurant scolaire", "Garderie"))


def test_the_manager_s_address_is_brought_to_its_one_form() -> None:
    assert (
        town_file(manager={**TOWN["manager"], "email": " Helene@Mairie.Example"}).manager.email
        == "helene@mairie.example"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Sainte Aurore"},
        {"id": "sainte.aurore"},
        {"name": ""},
        {"insee": "3799"},
        {"time_zone": "Europe/Aurore"},
        {"public_holidays": "bretagne"},
        {"opening_view": "list"},
        {"contact": {}},
        {"contact": {**TOWN["contact"], "email": "mairie"}},
        {"manager": {"email": "x@exemple.fr"}},
        {"mayor": "x"},
    ],
)
def test_a_file_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TownFile.model_validate_json(json.dumps({**TOWN, **changes}))


@pytest.mark.parametrize("insee", ["37999", "2A004", "97499"])
def test_codes_of_corsica_and_overseas_are_codes(insee: str) -> None:
    assert town_file(insee=insee).insee == insee
