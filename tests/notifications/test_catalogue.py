"""Everything people read exists in French, and says the same facts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

SERVICE = Path("services/notifications")
PLACE = re.compile(r"%\((\w+)\)s")


def said_in_python() -> Iterator[str]:
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                argument = node.args[0]
                assert isinstance(argument, ast.Constant)
                yield str(argument.value)


def said_in_templates() -> Iterator[str]:
    for path in (SERVICE / "templates").iterdir():
        yield from re.findall(r'\b_\("([^"]+)"', path.read_text())


SAID = sorted({*said_in_python(), *said_in_templates()})
FRENCH: dict[str, Message] = {}
for file in sorted((SERVICE / "locale/fr/LC_MESSAGES").glob("*.po")):
    with file.open("rb") as source:
        FRENCH |= {str(entry.id): entry for entry in read_po(source) if entry.id}


@pytest.mark.parametrize("msgid", SAID)
def test_every_sentence_has_its_french(msgid: str) -> None:
    assert FRENCH[msgid].string


@pytest.mark.parametrize("msgid", SAID)
def test_the_french_names_the_same_facts(msgid: str) -> None:
    assert sorted(PLACE.findall(msgid)) == sorted(PLACE.findall(str(FRENCH[msgid].string)))


def test_the_catalogue_has_nothing_nobody_says() -> None:
    assert set(FRENCH) == set(SAID)
