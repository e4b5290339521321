"""Every sentence identity can say has its French."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from tests.identity.conftest import FOLDER

CATALOGUE = FOLDER / "locale" / "fr" / "LC_MESSAGES" / "identity.po"


def marked(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
            assert isinstance(node.args[0], ast.Constant)
            yield node.args[0].value


def shown(path: Path) -> Iterator[str]:
    for _, message, *_ in extract_from_file("jinja2.ext:babel_extract", path, keywords={"_": None}):
        yield message if isinstance(message, str) else message[0]


SENTENCES = sorted(
    {sentence for path in FOLDER.rglob("*.py") for sentence in marked(path)}
    | {sentence for path in FOLDER.glob("templates/*.html") for sentence in shown(path)}
)


@pytest.fixture(scope="module")
def french() -> dict[str, str]:
    with CATALOGUE.open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source) if message.id}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_sentence_is_translated_with_its_facts(sentence: str, french: dict[str, str]) -> None:
    assert french.get(sentence)
    assert _facts(french[sentence]) == _facts(sentence)


def test_the_catalogue_holds_nothing_else(french: dict[str, str]) -> None:
    assert set(french) == set(SENTENCES)


def _facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence.replace("%(", "{").replace(")s", "}")) if name}
