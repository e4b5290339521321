"""What the documentation shows: small files of pages that look as they do for families."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.pictures import MOST_BYTES, keep
from tests.portal.site import REPAS, Site
from tests.portal.test_booking import month_of
from tests.portal.visiting import DESK, PHONE, Visitor

MONTH = "2026-03"
BOOKED = ("2026-03-02", "2026-03-03", "2026-03-09", "2026-03-10", "2026-03-12")
CHOSEN, GIVEN_UP = ("2026-03-05", "2026-03-13"), "2026-03-03"
SHARP = {**PHONE, "device_scale_factor": 2}


@pytest.fixture(scope="module")
async def family(site: Site) -> AsyncIterator[Family]:
    """Some days are booked, some are chosen, one is to be cancelled."""
    claire = await site.claire()
    await claire.ask("DELETE", "/cart")
    await claire.book(REPAS, *BOOKED)
    await claire.choose(REPAS, *CHOSEN)
    await claire.choose(REPAS, GIVEN_UP, action="cancel")
    yield claire
    await claire.ask("DELETE", "/cart")


async def taken(visitor: Visitor, name: str) -> int:
    """The size of the file."""
    return keep(name, await visitor.page.screenshot()).stat().st_size


async def test_the_first_page(desk: Visitor) -> None:
    await desk.open("/")

    assert await taken(desk, "landing") <= MOST_BYTES


async def test_a_month_at_a_desk(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **DESK) as parent:
        await parent.open(month_of(family, MONTH))

        assert await taken(parent, "month-desktop") <= MOST_BYTES


async def test_a_month_on_a_phone(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **SHARP) as parent:
        await parent.open(month_of(family, MONTH))

        assert await taken(parent, "month-phone") <= MOST_BYTES
