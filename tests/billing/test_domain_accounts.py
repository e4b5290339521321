"""Account numbers and creditor identifiers: what people write is read, what banks would refuse is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iban import calc_check_digits

from services.billing.domain.debits.accounts import AccountWrong, account_of, is_bic, is_ics, is_siret, masked
from tests.billing.debit_samples import IBAN, ICS, OTHER_IBAN, SIRET

NARROW = "FR76\N{NARROW NO-BREAK SPACE}3000\N{NO-BREAK SPACE}6000 0112 3456 7890 189\n"


@pytest.mark.parametrize(
    "written", [IBAN, "FR76 3000 6000 0112 3456 7890 189", "fr76-3000-6000-0112-3456-7890-189", NARROW]
)
def test_an_account_is_read_as_people_write_it(written: str) -> None:
    account = account_of(written)

    assert (account.iban, account.bic) == (IBAN, "AGRIFRPPXXX")
    assert account.shown == "FR•• •••• 0189"


def test_a_bank_no_list_names_can_be_debited_without_its_bic() -> None:
    unlisted = account_of(with_check_digits("MT", "ZZZZ99999000000000000000000"[:27]))

    assert (unlisted.bic, unlisted.bank) == ("", "")


def with_check_digits(country: str, rest: str) -> str:
    return country + calc_check_digits(f"{country}00{rest}") + rest


@pytest.mark.parametrize("at", range(4, len(IBAN)))
def test_one_wrong_digit_is_found(at: int) -> None:
    wrong = IBAN[:at] + ("1" if IBAN[at] != "1" else "2") + IBAN[at + 1 :]

    with pytest.raises(AccountWrong):
        account_of(wrong)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "FR76",
        IBAN + "0",
        IBAN[:-1],
        "BR1800360305000010009795493C1",
        "FR76\x00",
        "٣" * 27,
        "A" * 10_000,
        "{$ne: 1}",
    ],
)
def test_what_is_no_account_in_sepa_is_refused(written: str) -> None:
    with pytest.raises(AccountWrong):
        account_of(written)


@given(st.text(max_size=80))
def test_any_text_is_an_account_or_refused(written: str) -> None:
    try:
        account = account_of(written)
    except AccountWrong:
        return
    assert account.iban.isalnum()


def test_a_shown_account_tells_its_last_digits_only() -> None:
    assert masked(OTHER_IBAN) == "FR•• •••• 2606"


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        (ICS, True),
        ("FR72 ZZZ 123456", True),
        ("FR73ZZZ123456", False),
        ("FR72ZZZ1234567", False),
        ("", False),
        ("FR72", False),
        ("DE98ZZZ09999999999", True),
        ("7272ZZZ123456", False),
        ("F" * 200, False),
    ],
)
def test_a_creditor_identifier_has_its_check_digits(written: str, valid: bool) -> None:
    assert is_ics(written) is valid


def test_bics_and_sirets_are_checked() -> None:
    assert is_bic("AGRIFRPP")
    assert is_bic("AGRIFRPPXXX")
    assert not is_bic("AGRIFRP")
    assert is_siret(SIRET)
    assert not is_siret("21380185500016")
