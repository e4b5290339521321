"""Validate a cart: what was asked is written first; the same key, or the sweeper after a crash, goes on with it."""

import asyncio

from services.reservations.domain.cart import Cart
from services.reservations.domain.refusals import CartIsEmpty
from services.reservations.domain.validation import Mode, Validation
from services.reservations.usecases.carry_out import Counter, Work
from shared.errors import Unavailable
from shared.ids import new_id

LOOK_AGAIN_SECONDS = 0.05


async def validate_cart(household_id: str, mode: Mode, key: str, fingerprint: str, counter: Counter) -> Validation:
    """What became of each line of the cart.

    Raises `CartIsEmpty`, `KeyReused`, and `Unavailable` when the same key is at work for too long.
    """
    cart = await counter.carts.get(household_id)
    if cart.lines:
        asked = _asked(cart, mode, key, fingerprint)
        if await counter.validations.begin(asked) is asked:
            return await finish_validation(asked, counter)
    elif await counter.validations.find(household_id, key) is None:
        raise CartIsEmpty()
    return await _same_again(household_id, key, fingerprint, counter)


async def validate_lines(asked: Validation, counter: Counter) -> Validation:
    """Lines that never lay in a cart, under a key that always asks for the same. Raises as `validate_cart`."""
    if await counter.validations.begin(asked) is asked:
        return await finish_validation(asked, counter)
    return await _same_again(asked.household_id, asked.key, asked.fingerprint, counter)


async def finish_validation(validation: Validation, counter: Counter) -> Validation:
    """Do what is left of it. Lines leave the cart with the answer, except when all or nothing came to nothing."""
    work = await Work.begin(validation, counter)
    outcomes = await (work.all_or_nothing() if validation.mode == "all" else work.possible())
    if validation.mode == "possible" or not any(outcome.refused for outcome in outcomes):
        await counter.carts.take_out_validated(validation.household_id, [line.id for line in validation.lines])
    return await counter.validations.finish(validation, outcomes)


def _asked(cart: Cart, mode: Mode, key: str, fingerprint: str) -> Validation:
    return Validation(
        id=new_id("val"),
        household_id=cart.household_id,
        key=key,
        fingerprint=fingerprint,
        mode=mode,
        lines=cart.lines,
        order_ids={town: new_id("ord") for town in sorted({line.municipality_id for line in cart.lines})},
    )


async def _same_again(household_id: str, key: str, fingerprint: str, counter: Counter) -> Validation:
    """The answer of the same key: waited for while it is at work, finished when whoever began it is gone."""
    for _ in range(counter.patience):
        begun = await counter.validations.find(household_id, key)
        if begun is None:
            break
        begun.refuse_other(fingerprint)
        if begun.done:
            return begun
        if await counter.validations.resume(begun):
            return await finish_validation(begun, counter)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    raise Unavailable()
