"""Guessing at length, from many places: bounded, and its victim still gets in."""

from services.identity.domain.invitations import InvitationUnknown
from services.identity.domain.sessions import WrongCredentials
from services.identity.http.parts import Parts
from services.identity.usecases.attempts import CODE, SIGN_IN
from shared.errors import TooMany
from tests.identity.samples import MAIL, MovableClock

HOME = "192.0.2.7"


async def guess(parts: Parts, purpose: str, who: str, place: str, miss: Exception) -> bool:
    """Whether the guess was looked at, which it is wrong in any case."""
    try:
        async with parts.attempts.counted(purpose, who, place):
            raise miss
    except TooMany:
        return False
    except (WrongCredentials, InvitationUnknown):
        return True


async def test_two_thousand_guesses_an_hour_from_two_hundred_places_are_a_hundred_at_most(
    parts: Parts, clock: MovableClock
) -> None:
    async with parts.attempts.counted(SIGN_IN, MAIL, HOME):
        pass
    looked_at = 0
    for number in range(2_000):
        looked_at += await guess(parts, SIGN_IN, MAIL, f"198.51.100.{number % 200}", WrongCredentials())
        clock.pass_(seconds=1.8)

    assert looked_at <= 100
    # Where they signed in before, the owner is not shut out.
    async with parts.attempts.counted(SIGN_IN, MAIL, HOME):
        pass


async def test_the_allowance_of_an_account_comes_back_by_itself(parts: Parts, clock: MovableClock) -> None:
    while await guess(parts, SIGN_IN, MAIL, HOME, WrongCredentials()):
        pass
    clock.pass_(minutes=2)

    assert await guess(parts, SIGN_IN, MAIL, HOME, WrongCredentials())


async def test_codes_typed_by_one_account_from_many_places_are_counted_together(parts: Parts) -> None:
    looked_at = [await guess(parts, CODE, "acc_1", f"198.51.100.{number}", InvitationUnknown()) for number in range(30)]

    assert sum(looked_at) == 10


async def test_codes_typed_by_many_accounts_from_one_place_are_counted_together(parts: Parts) -> None:
    looked_at = [await guess(parts, CODE, f"acc_{number}", HOME, InvitationUnknown()) for number in range(120)]

    assert sum(looked_at) == 100
