"""What the service says of itself, and what towns hand it, is valid."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from services.requests.domain.categories import categories_of
from services.requests.http import ROUTES
from services.requests.http.category_bodies import CategoriesBody
from shared import openapi

SAMPLES = sorted(Path("deploy/sample").glob("*/request-categories.json"))


def test_the_routes_are_described_as_valid_openapi() -> None:
    validate(openapi.document("requests", ROUTES))


def test_every_route_has_a_name_of_its_own() -> None:
    names = [route.handler.__name__ for route in ROUTES]

    assert len(names) == len(set(names))


def test_there_are_sample_towns() -> None:
    assert SAMPLES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_the_categories_of_the_sample_towns_are_usable(path: Path) -> None:
    body = CategoriesBody.model_validate(json.loads(path.read_text()))

    assert categories_of(path.parent.name, [category.entry() for category in body.categories])
