"""Everything people read exists in French, and says the same facts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

SERVICE = Path("services/portal")
PLACE = re.compile(r"%\((\w+)\)s")


def said() -> Iterator[str]:
    for path in SERVICE.glob("templates/*.html"):
        for _, message, *_ in extract_from_file("jinja2.ext:babel_extract", path, keywords={"_": None}):
            yield message if isinstance(message, str) else message[0]
    for path in SERVICE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                yield ast.literal_eval(node.args[0])


SAID = sorted(set(said()))
with (SERVICE / "locale/fr/LC_MESSAGES/portal.po").open("rb") as source:
    FRENCH: dict[str, Message] = {str(entry.id): entry for entry in read_po(source) if entry.id}


@pytest.mark.parametrize("msgid", SAID)
def test_every_sentence_has_its_french_with_the_same_facts(msgid: str) -> None:
    french = str(FRENCH[msgid].string)

    assert french
    assert sorted(PLACE.findall(msgid)) == sorted(PLACE.findall(french))


def test_the_catalogue_has_nothing_nobody_says() -> None:
    assert set(FRENCH) == set(SAID)


@pytest.mark.parametrize("msgid", SAID)
def test_french_signs_never_stand_alone_at_the_start_of_a_line(msgid: str) -> None:
    assert not re.search(r" [?!:;»]|« |'", str(FRENCH[msgid].string))
