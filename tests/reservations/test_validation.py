"""Valider: each line its decision, each sheet one write, whatever is asked again or at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.refusals import AllOrNothing, AlreadyBooked, CartIsEmpty, NoPlaceLeft
from services.reservations.domain.sheet import Change, Sheet
from services.reservations.domain.validation import Validation
from services.reservations.usecases.validate_cart import finish_validation, validate_cart
from shared.errors import KeyReused, Unavailable
from tests.reservations.rig import (
    ATELIER,
    FRIDAY,
    JOURNEE,
    MONDAY,
    REPAS,
    SOIR_1,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Rig,
    programme,
)

SIXTEEN = [date(2026, 3, day) for day in (5, 6, 9, 10, 12, 13, 16, 17, 19, 20, 23, 24, 26, 27, 30, 31)]


class Overtaken:
    """The sheets, and the moment between two writes made certain: what happens `meanwhile`, by others."""

    def __init__(self, rig: Rig, programme_id: str, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        self._rig, self._sheets, self._programme_id = rig, rig.stores.sheets, programme_id
        self._meanwhile = meanwhile

    async def write(self, sheet: Sheet, change: Change, **rest: Any) -> None:
        if sheet.key.programme_id == self._programme_id and self._rig.stores.books.sheets is self:
            self._rig.stores.books = replace(self._rig.stores.books, sheets=self._sheets)
            await self._meanwhile()
        await self._sheets.write(sheet, change, **rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheets, name)


def outcomes(validation: Validation) -> list[str]:
    return [outcome.outcome for outcome in validation.outcomes]


async def test_sixteen_days_of_a_month_are_one_write_and_one_fact(rig: Rig) -> None:
    await rig.choose(REPAS, *SIXTEEN)

    validation = await rig.validate()

    assert outcomes(validation) == ["confirmed"] * 16
    assert (await rig.sheet(REPAS, MONDAY)).revision == 1
    ((name, told),) = await rig.told()
    assert (name, len(told["days"])) == ("booking_confirmed", 16)
    assert (await rig.stores.carts.get("hsh_1")).lines == ()


async def test_one_validation_serves_several_children_and_programmes_in_the_order_of_the_cart(rig: Rig) -> None:
    await rig.choose(SOIR_1, TUESDAY, child=2)
    await rig.choose(REPAS, MONDAY, date(2026, 4, 7))
    await rig.choose(ATELIER, FRIDAY)

    validation = await rig.validate()

    assert [outcome.line.activity_id for outcome in validation.outcomes] == [SOIR_1, REPAS, REPAS, ATELIER]
    assert outcomes(validation) == ["confirmed"] * 4
    assert len(await rig.told()) == 4


async def test_an_empty_cart_is_refused(rig: Rig) -> None:
    with pytest.raises(CartIsEmpty):
        await rig.validate()


async def test_the_same_key_answers_the_same_though_the_cart_is_empty_now(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    first = await rig.validate(key="one-key-only")

    again = await rig.validate(key="one-key-only")

    assert again == first
    assert len(await rig.told()) == 1


async def test_a_key_used_for_the_other_mode_is_refused(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    validation = await rig.validate(key="one-key-only")

    with pytest.raises(KeyReused):
        validation.refuse_other("another body")


async def test_the_second_of_two_guardians_sees_what_the_first_did(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY, TUESDAY)

    first, second = await asyncio.gather(rig.validate(), rig.validate(), return_exceptions=True)

    both = [one for one in (first, second) if isinstance(one, Validation)]
    confirmed = [outcome for one in both for outcome in one.outcomes if outcome.outcome == "confirmed"]
    refused = [outcome.refusal for one in both for outcome in one.outcomes if outcome.refused]
    assert len(confirmed) == 2
    assert all(isinstance(refusal, AlreadyBooked) for refusal in refused)
    assert all(isinstance(one, Validation | CartIsEmpty) for one in (first, second))
    assert sum(len(told["days"]) for _, told in await rig.told()) == 2


async def test_possible_does_what_it_can(rig: Rig) -> None:
    await rig.choose(ATELIER, MONDAY, TUESDAY)
    await rig.book(ATELIER, MONDAY, family=2)
    await rig.book(ATELIER, MONDAY, family=2, child=2)

    validation = await rig.validate()

    assert outcomes(validation) == ["refused", "confirmed"]
    assert isinstance(validation.outcomes[0].refusal, NoPlaceLeft)
    assert await rig.violations() == []


async def test_all_does_nothing_when_one_line_is_refused_and_the_cart_stays(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(ATELIER, MONDAY, TUESDAY)
    await rig.book(ATELIER, TUESDAY, family=2)
    await rig.book(ATELIER, TUESDAY, family=2, child=2)

    validation = await rig.validate("all")

    kinds = [type(outcome.refusal) for outcome in validation.outcomes]
    assert outcomes(validation) == ["refused"] * 3
    assert kinds[:2] == [AllOrNothing, AllOrNothing]
    assert issubclass(kinds[2], NoPlaceLeft)
    assert await rig.places(ATELIER, MONDAY) == []
    assert await rig.state(REPAS, MONDAY) is None
    assert len((await rig.stores.carts.get("hsh_1")).lines) == 3
    assert await rig.violations() == []


async def test_all_does_everything_when_everything_is_possible(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(ATELIER, MONDAY, TUESDAY)
    await rig.choose(JOURNEE, WEDNESDAY)

    validation = await rig.validate("all")

    assert outcomes(validation) == ["confirmed", "confirmed", "confirmed", "held"]
    assert (await rig.stores.carts.get("hsh_1")).lines == ()
    assert await rig.violations() == []


async def test_all_that_loses_a_line_on_the_way_takes_back_what_it_did(rig: Rig) -> None:
    """The sheets are written one after another: before the second, the other guardian taps the same day."""
    await rig.choose(ATELIER, MONDAY)
    await rig.choose(REPAS, MONDAY)

    async def meanwhile() -> None:
        await rig.book(REPAS, MONDAY)

    rig.stores.books = replace(rig.stores.books, sheets=Overtaken(rig, programme("restaurant"), meanwhile))

    validation = await rig.validate("all")

    assert outcomes(validation) == ["refused", "refused"]
    assert isinstance(validation.outcomes[1].refusal, AlreadyBooked)
    assert await rig.state(ATELIER, MONDAY) == "cancelled"
    assert await rig.places(ATELIER, MONDAY) == []
    assert [name for name, _ in await rig.told()].count("booking_cancelled") == 1
    assert await rig.violations() == []


async def test_a_cancelled_limited_day_frees_its_place(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.choose(ATELIER, MONDAY, action="cancel")

    assert outcomes(await rig.validate()) == ["cancelled"]

    assert await rig.places(ATELIER, MONDAY) == []
    assert await rig.state(ATELIER, MONDAY) == "cancelled"
    assert (await rig.book(ATELIER, MONDAY, family=2)).outcome == "confirmed"
    assert (await rig.book(ATELIER, MONDAY)).outcome == "confirmed"
    assert await rig.violations() == []


@pytest.mark.parametrize("taken_meanwhile", [False, True])
async def test_a_cancellation_taken_back_books_again_unless_the_place_is_gone(rig: Rig, taken_meanwhile: bool) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.choose(ATELIER, MONDAY, action="cancel")
    await rig.choose(REPAS, MONDAY)

    async def meanwhile() -> None:
        await rig.book(REPAS, MONDAY)
        if taken_meanwhile:
            await rig.let_holds_end()
            await rig.sweep()
            await rig.book(ATELIER, MONDAY, family=2)
            await rig.book(ATELIER, MONDAY, family=2, child=2)

    rig.stores.books = replace(rig.stores.books, sheets=Overtaken(rig, programme("restaurant"), meanwhile))

    validation = await rig.validate("all")

    assert outcomes(validation) == ["refused", "refused"]
    assert await rig.state(ATELIER, MONDAY) == ("cancelled" if taken_meanwhile else "booked")
    assert await rig.places(ATELIER, MONDAY) == ["confirmed"] * (2 if taken_meanwhile else 1)
    assert await rig.violations() == []


async def begun(rig: Rig) -> Validation:
    """Somebody is at work on it."""
    cart = await rig.stores.carts.get("hsh_1")
    validation = Validation(
        id="val_1", household_id="hsh_1", key="one-key-only", fingerprint="f", mode="possible", lines=cart.lines
    )
    await rig.stores.validations.begin(validation)
    return validation


async def test_a_key_at_work_for_too_long_is_asked_to_come_back(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await begun(rig)
    counter = replace(rig.stores.counter(rig.clock), patience=1)

    with pytest.raises(Unavailable):
        await validate_cart("hsh_1", "possible", "one-key-only", "f", counter)


async def test_a_key_at_work_is_waited_for(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    validation = await begun(rig)

    first, second = await asyncio.gather(
        rig.validate(key="one-key-only"), finish_validation(validation, rig.stores.counter(rig.clock))
    )

    assert first == second


async def test_a_double_click_validates_once_and_answers_twice(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)

    first, second = await asyncio.gather(rig.validate(key="one-key-only"), rig.validate(key="one-key-only"))

    assert first == second
    assert outcomes(first) == ["confirmed"]
    assert len(await rig.told()) == 1


async def test_a_child_gone_from_the_household_loses_its_lines_only(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(REPAS, THURSDAY, child=2)
    await rig.database["roster"].update_many({"links.child_id": "chd_1_2"}, {"$set": {"links": []}})

    validation = await rig.validate()

    assert outcomes(validation) == ["confirmed", "refused"]
