"""What a family is found by, and what a question looks for."""

from datetime import date

import pytest

from services.identity.domain.search import SearchTooWide, Term, number_of, numbers_of, sought, terms_of
from tests.identity.samples import child, family


def test_a_family_is_found_by_every_word_of_its_names_without_accents_or_capitals():
    assert {"lefevre", "claire", "thomas", "jeanne", "emile"} <= set(terms_of(family()))


def test_names_of_several_words_are_found_by_each_of_them():
    found = terms_of(family(name="Le Goff-N'Diaye", children=(child(first_name="Anne-Éloïse"),)))
    assert {"le", "goff", "n", "diaye", "anne", "eloise"} <= set(found)


def test_a_family_is_found_by_references_birth_dates_number_and_address():
    terms = terms_of(family())
    assert {"f1", "e1", "e2", "2052-03-14", "2054-10-02", "0639980000", "@claire.lefevre@messagerie.example"} <= set(
        terms
    )


def test_a_reference_with_signs_is_found_with_and_without_them():
    assert {"2024", "117", "2024117"} <= set(terms_of(family(reference="2024-117")))


@pytest.mark.parametrize(
    "written", ["06 39 98 00 00", "06.39.98.00.00", "+33 6 39 98 00 00", "+33 (0)6 39 98 00 00", "0033 639980000"]
)
def test_a_number_is_one_however_it_is_written(written: str):
    assert number_of(written) == "0639980000"


def test_numbers_overseas_are_dialled_with_a_leading_zero_too():
    assert number_of("+262 692 39 98 00") == "0692399800"


def test_a_beginning_of_an_international_number_is_understood():
    assert number_of("+33 6 39") == "0639"


def test_two_numbers_in_one_cell_are_both_found():
    assert numbers_of("06 39 98 00 00 ou 02.61.91.20.00") == ["0639980000", "0261912000"]


def test_words_are_beginnings_in_any_order():
    assert sought("JEAN lefè") == (Term("jean"), Term("lefe"))


def test_a_written_date_is_a_birth_date():
    assert sought("lefevre 14/03/2052") == (Term("2052-03-14", whole=True), Term("lefevre"))


def test_a_birth_date_may_be_asked_for_apart():
    assert sought(birth_date=date(2052, 3, 14)) == (Term("2052-03-14", whole=True),)


def test_digits_alone_are_one_number_however_they_are_spaced():
    assert sought("06 39 98") == (Term("063998"),)


def test_an_address_is_looked_for_as_one_word():
    assert sought("Claire.Lef@mess") == (Term("@claire.lef@mess"),)


@pytest.mark.parametrize("words", ["", "  ", "a", "- '", "06", "32/13/2052", "%"])
def test_what_narrows_nothing_is_refused(words: str):
    with pytest.raises(SearchTooWide):
        sought(words)


def test_a_single_letter_narrows_a_longer_word_further():
    assert sought("lefevre j") == (Term("lefevre"), Term("j"))


def test_a_question_of_a_hundred_words_looks_for_six():
    assert len(sought(" ".join(f"mot{n}" for n in range(100)))) == 6
