"""Everything people read exists in French, and says the same facts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

SERVICE = Path("services/partners")
PLACE = re.compile(r"%\((\w+)\)s")


def said() -> Iterator[str]:
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                argument = node.args[0]
                assert isinstance(argument, ast.Constant)
                yield str(argument.value)


SAID = sorted(set(said()))
FRENCH: dict[str, Message] = {}
for file in sorted((SERVICE / "locale/fr/LC_MESSAGES").glob("*.po")):
    with file.open("rb") as source:
        FRENCH |= {str(entry.id): entry for entry in read_po(source) if entry.id}


@pytest.mark.parametrize("msgid", SAID)
def test_every_sentence_has_its_french_with_the_same_facts(msgid: str) -> None:
    french = str(FRENCH[msgid].string)

    assert french
    assert sorted(PLACE.findall(msgid)) == sorted(PLACE.findall(french))


def test_the_catalogue_has_nothing_nobody_says() -> None:
    assert set(FRENCH) == set(SAID)
