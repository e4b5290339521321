"""A month on a phone at seven in the morning: tap, validate, read what became of it."""

import asyncio
from datetime import datetime

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.site import PAI, REPAS, RESTAURANT, Site
from tests.portal.visiting import DESK, PHONE, Visitor

MONDAY, TUESDAY, THURSDAY = "lundi 12 janvier 2026", "mardi 13 janvier 2026", "jeudi 15 janvier 2026"
MON, TUE, THU = "2026-01-12", "2026-01-13", "2026-01-15"


def month_of(family: Family, month: str = "2026-01", programme: str = RESTAURANT) -> str:
    return f"/reservations/{family.child.id}/{programme}/{month}"


async def state(family: Family, day: str, activity: str = REPAS) -> str:
    return str((await family.cell(RESTAURANT, activity, day))["state"])


async def test_the_child_and_the_service_lead_to_the_month_of_today(family: Family, parent: Visitor) -> None:
    await parent.open("/reservations")
    assert await parent.reads(family.child.first_name, "facturé en fin de mois", "Votre panier est vide")

    await parent.follow("Restaurant scolaire")

    assert parent.path.startswith(f"/reservations/{family.child.id}/{RESTAURANT}/2025-1")
    assert await parent.reads("Semaine 48 du 24/11/2025 au 28/11/2025")


async def test_a_day_is_put_into_the_cart_and_taken_out_by_tapping_it(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    await parent.tap("REPAS", MONDAY)
    chosen = await parent.cell("REPAS", MONDAY).inner_text()
    assert await parent.reads("1 × REPAS", "n’oubliez pas de valider")
    await parent.tap("REPAS", MONDAY)

    assert "En cours" in chosen
    assert "Réserver" in await parent.cell("REPAS", MONDAY).inner_text()
    assert await parent.reads("Votre panier est vide")


async def test_a_tap_leaves_the_page_where_it_was(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))

    await parent.tap("REPAS", THURSDAY)

    assert parent.page.url.endswith("#s3")


async def test_what_is_validated_is_booked_and_says_so_day_by_day(family: Family, parent: Visitor) -> None:
    await parent.open(month_of(family))
    await parent.tap("REPAS", MONDAY)
    await parent.tap("REPAS", TUESDAY)
    await parent.follow("Voir et valider")
    assert await parent.page.get_by_role("button", name="Valider").is_visible()

    await parent.press("Valider")

    assert await parent.reads("Demande validée", "lun. 12 janv.", "mar. 13 janv.", "Réservé")
    await parent.follow("Retour au calendrier")
    assert "Réservé" in await parent.cell("REPAS", MONDAY).inner_text()
    assert {await state(family, MON), await state(family, TUE)} == {"booked"}


async def test_a_booked_day_is_cancelled_through_the_cart(family: Family, parent: Visitor) -> None:
    await family.book(REPAS, MON)
    await parent.open(month_of(family))

    await parent.tap("REPAS", MONDAY)
    assert "À annuler" in await parent.cell("REPAS", MONDAY).inner_text()
    assert await parent.reads("À annuler : 1 × REPAS")
    await parent.press("Valider")

    assert await parent.reads("Annulé")
    assert await state(family, MON) == "cancelled"


async def test_a_day_that_became_too_late_meanwhile_is_refused_with_the_rule(
    site: Site, family: Family, parent: Visitor
) -> None:
    """The page was open over the deadline; before it is clicked, the page itself says which limit comes next."""
    month = f"{site.clock():%Y-%m}"
    view = await family.month(RESTAURANT, month)
    days = [day for row in view["activities"] for day in row["days"] if day["can_book"]]
    soonest = min(days, key=lambda day: datetime.fromisoformat(day["book_until"]))
    await parent.open(month_of(family, month))
    assert await parent.reads("Prochaine limite")
    late = datetime.fromisoformat(soonest["book_until"]) - site.clock()
    site.clock.pass_time(seconds=late.total_seconds() + 1)

    await parent.page.locator("button.bookable").first.click()

    await parent.page.get_by_text("Trop tard").first.wait_for()
    assert parent.last.status == 409
    assert await parent.reads("reserver-j-2", "02 61 91 20 00")
    await parent.follow("Retour")
    why = parent.page.locator("summary.past_deadline").last
    await why.click()
    assert await parent.page.locator(".why[open] .because").is_visible()


async def test_a_double_click_on_valider_validates_once(site: Site, family: Family, parent: Visitor) -> None:
    await family.choose(REPAS, MON, TUE)
    await parent.open(month_of(family))

    await parent.page.get_by_role("button", name="Valider").dblclick()

    await parent.page.get_by_role("heading", name="Demande validée").wait_for()
    await site.preau.quiet()
    told = site.preau.heard.of("reservations.booking_confirmed.v1", household_id=family.household_id)
    assert sum(len(event["data"]["days"]) for event in told) == 2


async def test_the_second_tab_sees_what_the_first_one_did(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **PHONE) as one, visits(as_person=family, **DESK) as other:
        await asyncio.gather(one.open(month_of(family)), other.open(month_of(family)))
        await one.tap("REPAS", MONDAY)
        await other.tap("REPAS", TUESDAY)
        assert await other.reads("2 × REPAS")
        await one.open(month_of(family))
        await other.press("Valider")

        await one.press("Valider")

        assert one.last.status == 409
        assert await one.reads("Votre panier est vide")
        await one.follow("Retour")
        assert "Réservé" in await one.cell("REPAS", TUESDAY).inner_text()


async def test_a_line_somebody_else_took_out_is_simply_gone(family: Family, parent: Visitor) -> None:
    cart = await family.choose(REPAS, MON)
    await parent.open(month_of(family))
    answer = await family.ask("DELETE", f"/cart/lines/{cart['lines'][0]['line_id']}")
    assert answer.status == 204

    await parent.tap("REPAS", MONDAY)

    assert parent.last.status == 200
    assert await parent.reads("Votre panier est vide")


async def test_a_second_meal_beside_the_one_that_was_chosen_says_why_not(family: Family, parent: Visitor) -> None:
    await family.choose(REPAS, MON)
    await parent.open(month_of(family))

    await parent.page.locator("summary.excluded").first.click()

    assert "REPAS" in await parent.page.locator(".why[open] .because").inner_text()
    assert await state(family, MON, PAI) == "excluded"


async def test_the_cart_follows_through_services_and_is_emptied_at_once(family: Family, parent: Visitor) -> None:
    await family.choose(REPAS, MON, TUE)
    await parent.open("/reservations")
    assert await parent.reads("2 × REPAS", "lun. 12 janv., mar. 13 janv.")

    await parent.press("Vider")

    assert await parent.reads("Votre panier est vide")
    assert parent.path == "/reservations"


async def test_the_price_of_the_cart_is_told_before_validating(family: Family, parent: Visitor) -> None:
    cart = await family.choose(REPAS, MON, TUE)
    euros = f"{cart['postpaid_total_cents'] / 100:.2f} €".replace(".", ",")

    await parent.open(month_of(family))

    assert await parent.reads("Facturé en fin de mois", euros)
    bar = parent.page.locator(".cart-bar")
    assert euros in (await bar.inner_text()).replace("\xa0", " ")
    assert await bar.evaluate("bar => bar.getBoundingClientRect().bottom") <= 812
