"""docs/request-categories.md: the category on it may be imported, and the schema beside it is that of the file."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.requests.domain.catalogue.prefilling import SOURCES
from services.requests.domain.categories import categories_of
from services.requests.domain.effects import KNOWN
from services.requests.domain.fields import FORMAT_NAMES
from services.requests.http.category_bodies import CategoriesBody, categories_schema

PAGE = Path("docs/request-categories.md").read_text()
SCHEMA = json.loads(Path("docs/request-categories.schema.json").read_text())
EXAMPLES = [json.loads(block.split("```", 1)[0]) for block in PAGE.split("```json")[1:]]


def test_the_schema_in_the_docs_is_that_of_the_file() -> None:
    assert json.loads(json.dumps(categories_schema())) == SCHEMA


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_category_of_the_page_is_one(example: dict[str, Any]) -> None:
    body = CategoriesBody.model_validate({"categories": [example]})

    assert categories_of("sainte-aurore", [one.entry() for one in body.categories])
    Draft202012Validator(SCHEMA).validate({"categories": [example]})


@pytest.mark.parametrize("town", ["sainte-aurore", "le-val-dore"])
def test_the_files_of_the_sample_towns_are_as_the_schema_says(town: str) -> None:
    file = json.loads(Path(f"deploy/sample/{town}/request-categories.json").read_text())

    assert list(Draft202012Validator(SCHEMA).iter_errors(file)) == []


def test_the_page_names_every_effect_format_and_source() -> None:
    words = [*KNOWN, *FORMAT_NAMES, *SOURCES]

    assert [word for word in words if word.rpartition(".")[2] not in PAGE] == []
