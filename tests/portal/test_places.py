"""Scarce places: paid at once on the bank's page, or waited for."""

from tests.journeys.clock import eventually
from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.site import POTTERY, WORKSHOPS, Site
from tests.portal.test_booking import month_of
from tests.portal.visiting import PHONE, Visitor

PAID_DAY, PAID = "mercredi 7 janvier 2026", "2026-01-07"
REFUSED_DAY, REFUSED = "mercredi 14 janvier 2026", "2026-01-14"
FULL_DAY, FULL = "mercredi 21 janvier 2026", "2026-01-21"
ACTIVITY = "ATELIER POTERIE"


async def choose(parent: Visitor, family: Family, day: str) -> None:
    await parent.open(month_of(family, programme=WORKSHOPS))
    await parent.tap(ACTIVITY, day)
    await parent.press("Valider")


async def is_booked(family: Family, day: str) -> None:
    """As soon as the payment has been told."""

    async def look() -> bool:
        return bool((await family.cell(WORKSHOPS, POTTERY, day))["state"] == "booked")

    await eventually("the booking", look)


async def test_a_place_is_held_paid_and_booked(site: Site, visits: Visiting) -> None:
    family = await site.potter()
    async with visits(as_person=family, **PHONE) as parent:
        await choose(parent, family, PAID_DAY)
        assert await parent.reads("Payez pour garder vos places", "À payer")
        await parent.press("Payer")
        assert parent.page.url.startswith(site.bank)

        await parent.press("Payer")

        assert parent.path.startswith("/payments/")
        assert await parent.reads("Paiement reçu", "Un reçu arrive par courriel")
    await is_booked(family, PAID)


async def test_after_a_refusal_of_the_bank_the_same_places_are_paid_again(site: Site, visits: Visiting) -> None:
    family = await site.potter()
    async with visits(as_person=family, **PHONE) as parent:
        await choose(parent, family, REFUSED_DAY)
        await parent.press("Payer")
        await parent.press("Refuser (la banque dit non)")
        assert await parent.reads("La banque a refusé le paiement")

        await parent.press("Payer à nouveau")
        await parent.press("Payer")

        assert await parent.reads("Paiement reçu")
    await is_booked(family, REFUSED)


async def test_who_finds_no_place_joins_the_waiting_list_once(site: Site, visits: Visiting) -> None:
    first, second = await site.potter(), await site.potter()
    await first.book(POTTERY, FULL)
    await site.preau.quiet()
    async with visits(as_person=second, **PHONE) as parent:
        await parent.open(month_of(second, programme=WORKSHOPS))
        await parent.cell(ACTIVITY, FULL_DAY).click()

        await parent.page.get_by_role("button", name="S’inscrire en liste d’attente").dblclick()
        await parent.page.get_by_text("numéro 1 sur la liste d’attente").wait_for()
        await parent.follow("Retour au calendrier")

        assert "n° 1" in await parent.cell(ACTIVITY, FULL_DAY).inner_text()
