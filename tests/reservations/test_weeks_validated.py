"""A week that lies in two months, validated: its days are in two sheets and count together."""

from datetime import date

import pytest

from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.refusals_of_weeks import TooFewDays
from services.reservations.domain.validation import Mode
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.show_cart import show_cart
from tests.reservations.rig import AVANT, Rig, town_file
from tests.reservations.sample_town import TOWN

MARCH_30, MARCH_31, APRIL_1, APRIL_2 = date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 2)


async def ruled(rig: Rig) -> None:
    """From now on three days of a week of after-school care, or none."""
    file = town_file().model_dump(mode="json", by_alias=True)
    (garderie,) = (one for one in file["programmes"] if one["id"] == "garderie")
    garderie["regulation"] |= {"version": 4, "weekly": [{"id": "trois-jours", "minimum": 3}]}
    await import_programmes(TOWN, CatalogueFile.model_validate(file), catalogue=rig.stores.catalogue, clock=rig.clock)


@pytest.mark.parametrize("mode", ["possible", "all"])
async def test_days_of_both_months_in_one_cart_are_enough(rig: Rig, mode: Mode) -> None:
    await ruled(rig)
    await rig.choose(AVANT, MARCH_30, APRIL_1, APRIL_2)

    done = await rig.validate(mode)

    assert [outcome.outcome for outcome in done.outcomes] == ["confirmed"] * 3
    assert not await rig.violations()


@pytest.mark.parametrize("mode", ["possible", "all"])
async def test_days_of_both_months_can_be_too_few(rig: Rig, mode: Mode) -> None:
    await ruled(rig)
    await rig.choose(AVANT, MARCH_31, APRIL_1)

    done = await rig.validate(mode)

    assert [type(outcome.refusal) for outcome in done.outcomes] == [TooFewDays, TooFewDays]


async def test_days_booked_in_the_month_before_count_for_the_next(rig: Rig) -> None:
    await ruled(rig)
    await rig.choose(AVANT, MARCH_30, MARCH_31, APRIL_1)
    await rig.validate()

    await rig.book(AVANT, APRIL_2)
    assert await rig.state(AVANT, APRIL_2) == "booked"
    await rig.choose(AVANT, MARCH_30, MARCH_31, action="cancel")
    done = await rig.validate()
    assert {type(outcome.refusal) for outcome in done.outcomes} == {TooFewDays}


async def test_one_tap_books_no_week_that_stays_too_short(rig: Rig) -> None:
    await ruled(rig)

    with pytest.raises(TooFewDays):
        await rig.book(AVANT, MARCH_30)


async def test_the_cart_says_that_a_week_is_too_short_and_takes_the_days_anyway(rig: Rig) -> None:
    await ruled(rig)
    await rig.choose(AVANT, MARCH_30, APRIL_1)

    async def refusals() -> list[type | None]:
        shown = await show_cart("hsh_1", rig.stores.window(rig.clock))
        return [type(line.refusal) if line.refusal else None for line in shown.lines]

    assert await refusals() == [TooFewDays, TooFewDays]
    await rig.choose(AVANT, APRIL_2)
    assert await refusals() == [None, None, None]
