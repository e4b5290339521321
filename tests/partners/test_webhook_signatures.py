"""Signatures that any Standard Webhooks library accepts, and secrets that change without a pause."""

from datetime import UTC, datetime, timedelta

import pytest

from services.partners.domain.webhooks.signatures import (
    LastSecret,
    NoSecret,
    Secret,
    TooManySecrets,
    headers,
    key_of,
    live,
    rotated,
    secret_of,
    without,
)
from shared.errors import NotFound

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def secret(number: int, *, at: datetime = NOW, ends_at: datetime | None = None) -> Secret:
    return Secret(id=f"whs_{number}", sealed=f"k1.{number}", created_at=at, ends_at=ends_at)


def test_the_example_of_the_standard_is_signed_as_the_standard_says() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)

    signed = headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_in_force_make_two_signatures() -> None:
    signed = headers([b"a" * 32, b"b" * 32], "evt_1", NOW, b"{}")

    first, second = signed["webhook-signature"].split(" ")
    assert first != second
    assert first == headers([b"a" * 32], "evt_1", NOW, b"{}")["webhook-signature"]


@pytest.mark.parametrize("changed", [("evt_2", NOW, b"{}"), ("evt_1", NOW + DAY, b"{}"), ("evt_1", NOW, b"{ }")])
def test_the_id_the_instant_and_every_byte_are_signed(changed: tuple[str, datetime, bytes]) -> None:
    key = [b"a" * 32]
    assert headers(key, *changed)["webhook-signature"] != headers(key, "evt_1", NOW, b"{}")["webhook-signature"]


def test_a_key_is_handed_over_as_a_secret_and_back() -> None:
    key = bytes(range(32))
    assert key_of(secret_of(key)) == key


@pytest.mark.parametrize("wrong", ["whsec_", "whsec_AAAA", "AAAA" * 8, "whsec_é", f"whsec_{'A' * 88}", "whsec_A!A="])
def test_what_is_no_secret_is_refused_without_being_repeated(wrong: str) -> None:
    with pytest.raises(NoSecret) as refused:
        key_of(wrong)
    assert wrong.removeprefix("whsec_") not in str(refused.value) or wrong == "whsec_"


def test_a_fresh_secret_signs_beside_the_former_until_the_overlap_ends() -> None:
    secrets = rotated([secret(1, at=NOW - DAY)], secret(2), DAY)

    assert [one.id for one in live(secrets, NOW)] == ["whs_2", "whs_1"]
    assert [one.id for one in live(secrets, NOW + DAY)] == ["whs_2"]


def test_a_second_change_does_not_lengthen_the_life_of_the_first_secret() -> None:
    secrets = rotated([secret(1, ends_at=NOW + timedelta(hours=1)), secret(2)], secret(3), DAY)
    assert [one.ends_at for one in secrets] == [NOW + timedelta(hours=1), NOW + DAY, None]


def test_without_overlap_the_former_secret_ends_at_once() -> None:
    assert [one.id for one in rotated([secret(1)], secret(2), timedelta(0))] == ["whs_2"]


def test_no_more_than_three_secrets_sign_at_once() -> None:
    with pytest.raises(TooManySecrets):
        rotated([secret(1), secret(2), secret(3)], secret(4), DAY)


def test_a_secret_can_be_ended_but_not_the_last() -> None:
    both = (secret(1), secret(2))
    assert without(both, "whs_1", NOW) == (secret(2),)
    with pytest.raises(LastSecret):
        without([secret(1)], "whs_1", NOW)
    with pytest.raises(LastSecret):
        without([secret(1, ends_at=NOW - DAY), secret(2)], "whs_2", NOW)
    with pytest.raises(NotFound):
        without(both, "whs_9", NOW)


def test_a_secret_never_shows_when_printed() -> None:
    assert "k1.1" not in repr(secret(1))
