"""A period by weekdays: what is possible goes into the cart, and the rest is said."""

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.site import REPAS, Site
from tests.portal.test_booking import month_of
from tests.portal.visiting import PHONE, Visitor


async def fill(parent: Visitor, start: str, until: str, *weekdays: int) -> None:
    await parent.page.get_by_label("Du", exact=True).fill(start)
    await parent.page.get_by_label("Au", exact=True).fill(until)
    for weekday in weekdays:
        await parent.page.locator(f"[name=day][value='{REPAS}|{weekday}']").check()
    await parent.press("Ajouter au panier")


async def test_the_open_days_of_a_period_are_added_and_the_others_explained(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    await fill(parent, "2026-01-05", "2026-02-20", 1, 4)

    added = (await family.get("/cart"))["children"][0]["activities"][0]["book"]
    assert await parent.reads(f"Jours ajoutés au panier : {added}", "Jours non ajoutés : 2", f"{added} × REPAS")
    await parent.page.get_by_text("Voir pourquoi").click()
    assert await parent.reads("16/02/2026", "vacances")


async def test_only_weekdays_the_service_runs_on_are_offered(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    boxes = parent.page.locator(f"[name=day][value^='{REPAS}|']")

    assert [await box.get_attribute("value") for box in await boxes.all()] == [f"{REPAS}|{day}" for day in (1, 2, 4, 5)]


async def test_a_period_that_ends_before_it_begins_is_refused_at_its_field_and_the_ticks_stay(
    family: Family, parent: Visitor
) -> None:
    await parent.open(month_of(family))

    await fill(parent, "2026-01-20", "2026-01-10", 1, 2)

    assert parent.last.status == 422
    assert await parent.page.get_by_label("Au", exact=True).get_attribute("aria-invalid") == "true"
    assert await parent.page.get_by_label("Du", exact=True).input_value() == "2026-01-20"
    assert await parent.page.locator("[name=day]:checked").count() == 2


async def test_a_period_without_weekdays_says_what_is_missing(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    await fill(parent, "2026-01-05", "2026-01-20")

    assert parent.last.status == 422
    assert await parent.reads("Cochez au moins un jour")


async def test_asked_again_the_days_in_the_cart_are_said_to_be_there(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))
    await fill(parent, "2026-01-05", "2026-01-09", 1)

    await fill(parent, "2026-01-05", "2026-01-09", 1)

    assert await parent.reads("Jours ajoutés au panier : 0", "Jours non ajoutés : 1", "1 × REPAS")


async def test_a_town_may_open_on_the_period(site: Site, visits: Visiting) -> None:
    """Which view comes first is the town's choice; the other is one link away."""
    family = await (await site.dore()).welcome("F0001")
    async with visits(as_person=family, **PHONE) as parent:
        await parent.open(month_of(family, programme="le-val-dore.restaurant"))

        assert await top_of(parent, "#periode") < await top_of(parent, "#agenda")
        await parent.page.get_by_role("link", name="Jour par jour").click()
        assert parent.page.url.endswith("#agenda")


async def test_sainte_aurore_opens_on_the_days(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    assert await top_of(parent, "#agenda") < await top_of(parent, "#periode")
    await parent.page.get_by_role("link", name="Réserver sur une période").click()
    assert parent.page.url.endswith("#periode")


async def top_of(visitor: Visitor, part: str) -> float:
    box = await visitor.page.locator(part).bounding_box()
    assert box is not None
    return box["y"]
