"""Every page and state of booking, looked at."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import REPAS, Site
from tests.portal.test_booking import month_of
from tests.portal.test_periods import fill
from tests.portal.visiting import DESK, Visitor

GARDERIE = "sainte-aurore.garderie"
BOOKED = ("2025-12-01", "2025-12-02", "2025-12-04")
CHOSEN = ("2025-12-08", "2025-12-09")


@pytest.fixture(scope="module")
async def claire(site: Site) -> Family:
    return await site.claire()


@pytest.fixture
async def parent(visits: Visiting, claire: Family) -> AsyncIterator[Looker]:
    async with visits(as_person=claire, scripts=True, **DESK) as visitor:
        yield await Looker.beside(visitor)


async def test_the_month_and_its_cart(claire: Family, parent: Looker) -> None:
    visitor = parent.visitor
    await claire.ask("DELETE", "/cart")
    await visitor.open("/reservations")
    assert await parent.look("choose") == []
    await claire.book(REPAS, *BOOKED)
    await claire.choose(REPAS, *CHOSEN)
    await claire.choose(REPAS, BOOKED[-1], action="cancel")
    await visitor.open(month_of(claire, "2025-12"))
    assert await parent.look("month") == []
    await why_of(visitor, "mercredi 10 décembre 2025")
    assert await parent.look("month-why") == []
    await visitor.press("Se déconnecter")
    assert await parent.look("leaving") == []
    await visitor.open(month_of(claire, "2025-12"))
    await visitor.press("Valider")
    assert await parent.look("validated") == []


async def why_of(visitor: Visitor, day: str) -> None:
    await visitor.cell("REPAS", day).click()


async def test_a_month_that_has_begun_and_one_of_several_activities(claire: Family, parent: Looker) -> None:
    visitor = parent.visitor
    await visitor.open(month_of(claire, f"{visitor.site.clock():%Y-%m}"))
    assert await parent.look("month-begun") == []
    await visitor.open(month_of(claire, "2026-01", GARDERIE))
    assert await parent.look("month-garderie") == []


async def test_a_period_and_a_refusal(claire: Family, parent: Looker) -> None:
    visitor = parent.visitor
    await claire.ask("DELETE", "/cart")
    await visitor.open(month_of(claire, "2026-01"))
    await fill(visitor, "2026-01-05", "2026-02-20", 1, 4)
    await visitor.page.get_by_text("Voir pourquoi").click()
    assert await parent.look("period") == []
    await fill(visitor, "2026-01-20", "2026-01-05", 1)
    assert await parent.look("period-refused") == []
    # The other parent chose a meal while this page was open.
    meal = {"child_id": claire.child.id, "activity_id": REPAS, "date": "2026-01-13", "action": "book"}
    await claire.post("/cart/lines", meal)
    await visitor.tap("PAI", "mardi 13 janvier 2026")
    assert await parent.look("line-refused") == []
    await claire.ask("DELETE", "/cart")
