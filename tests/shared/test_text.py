"""One form for what people type and spreadsheets export."""

import pytest

from shared.text import plain, tidy


@pytest.mark.parametrize(
    ("typed", "form"),
    [("Éloïse  LE-GOFF", "eloise le goff"), ("D'ŒUVRE", "d oeuvre"), ("Straße", "strasse"), (" \t ", "")],
)
def test_names_are_compared_without_accents_case_or_punctuation(typed: str, form: str) -> None:
    assert plain(typed) == form


def test_unseen_characters_of_exports_are_dropped_from_names() -> None:
    assert tidy("\ufeff Jeanne\u200b\tMarie\x00 ") == "Jeanne Marie"


def test_spaces_of_any_width_become_one() -> None:
    assert tidy(" Jeanne\u00a0\u202f Marie ") == "Jeanne Marie"


def test_an_accent_typed_in_two_characters_is_kept_in_one() -> None:
    assert tidy("Zoe\u0301") == "Zoé"
