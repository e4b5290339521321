"""One form for what people type."""

from datetime import timedelta

import pytest

from services.identity.domain.attempts import Bucket, Limit, network
from services.identity.domain.invitations import code_hash, normal_code
from services.identity.domain.text import is_email, normal_email


def test_addresses_are_compared_in_lower_case_and_one_width() -> None:
    assert normal_email(" Claire.Lefèvre@Exemple.FR ") == "claire.lefèvre@exemple.fr"
    assert normal_email("ｃlaire@exemple.fr") == "claire@exemple.fr"


@pytest.mark.parametrize("address", ["a@b.fr", "claire.lefevre+ecole@mairie.ville-sur-mer.fr", "o'neil@exemple.re"])
def test_ordinary_addresses_are_accepted(address: str) -> None:
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "claire",
        "claire@",
        "@exemple.fr",
        "claire@exemple",
        "a b@exemple.fr",
        "a@b@c.fr",
        "a@exemple.fr\nBcc:x@y.fr",
    ],
)
def test_what_is_no_address_is_not_accepted(address: str) -> None:
    assert not is_email(address)


def test_an_address_longer_than_mail_allows_is_not_accepted() -> None:
    assert not is_email(f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.fr")


@pytest.mark.parametrize("typed", ["ab12cd34ef", " AB12 CD34 EF ", "AB12-CD34-EF", "ＡＢ１２ＣＤ３４ＥＦ"])
def test_a_code_may_be_typed_with_spaces_hyphens_and_small_letters(typed: str) -> None:
    assert normal_code(typed) == "AB12CD34EF"


def test_one_code_is_another_one_at_another_address() -> None:
    assert code_hash("AB12CD34EF", "a@b.fr") != code_hash("AB12CD34EF", "c@d.fr")


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "unknown"),
    ],
)
def test_misses_are_counted_per_subscriber(address: str, counted_as: str) -> None:
    assert network(address) == counted_as


def test_an_allowance_does_not_tell_whose_it_is() -> None:
    limit = Limit(count=1, period=timedelta(hours=1))

    assert "claire" not in Bucket(purpose="code", who="claire@exemple.fr", limit=limit).id
