"""Secrets at rest: sealed under the newest key, opened under any known one, and only where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.app.secrets import SealedSecrets as Secrets
from services.billing.app.secrets import SecretsKeyWrong, read_keys
from services.billing.usecases.secrets import NoSecretsKey, Unsealable
from tests.billing import samples

OLD, NEW = f"k1:{'0a' * 32}", f"k2:{'0b' * 32}"
IBAN = "FR7630006000011234567890189"


@given(text=st.text(max_size=80), purpose=st.text(max_size=40))
def test_what_was_sealed_opens_again(text: str, purpose: str) -> None:
    secrets = Secrets(OLD)
    assert secrets.open(secrets.seal(text, purpose), purpose) == text


def test_the_same_text_is_never_sealed_the_same_way_and_never_shows() -> None:
    secrets = Secrets(OLD)
    one, other = secrets.seal(IBAN, "mandate/1/iban"), secrets.seal(IBAN, "mandate/1/iban")
    assert one != other
    assert IBAN not in one


def test_a_sealed_value_opens_only_for_what_it_belongs_to() -> None:
    secrets = Secrets(OLD)
    with pytest.raises(Unsealable):
        secrets.open(secrets.seal(IBAN, "mandate/1/iban"), "mandate/2/iban")


def test_a_changed_value_does_not_open() -> None:
    secrets = Secrets(OLD)
    sealed = secrets.seal(IBAN, "a")
    spoilt = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    for wrong in (spoilt, sealed[:20], "", "k1.", "k1.é", "k9" + sealed[2:]):
        with pytest.raises(Unsealable):
            secrets.open(wrong, "a")


def test_a_new_key_in_front_seals_while_the_old_one_still_opens() -> None:
    sealed = Secrets(OLD).seal(IBAN, "a")
    both = Secrets(f"{NEW}, {OLD}")
    assert both.open(sealed, "a") == IBAN
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal(IBAN, "a"))
    with pytest.raises(Unsealable):
        Secrets(NEW).open(sealed, "a")


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(NoSecretsKey):
        Secrets("").seal(IBAN, "a")


@pytest.mark.parametrize("wrong", ["abc", "k1:abc", f"{OLD},{OLD}", f"K 1:{'0a' * 32}", f"k1:{'0g' * 32}"])
def test_a_key_that_is_none_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(SecretsKeyWrong) as refused:
        read_keys(wrong)
    assert "0a" not in str(refused.value)


def test_settings_never_show_the_key() -> None:
    assert "0a0a" not in repr(samples.settings(secrets_key=OLD))
