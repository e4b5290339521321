"""Every page and state of scarce places, invoices and payments, looked at."""

from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import POTTERY, WORKSHOPS, Site
from tests.portal.test_booking import month_of
from tests.portal.visiting import DESK


async def test_places_held_full_and_waited_for(site: Site, visits: Visiting) -> None:
    family, other = await site.potter(), await site.potter()
    await other.book(POTTERY, "2026-03-18", "2026-03-25")
    await family.choose(POTTERY, "2026-03-04", "2026-03-11")
    async with visits(as_person=family, scripts=True, **DESK) as visitor:
        parent = await Looker.beside(visitor)
        await visitor.open(month_of(family, "2026-03", WORKSHOPS))
        await visitor.cell("ATELIER POTERIE", "mercredi 18 mars 2026").click()
        assert await parent.look("month-places") == []
        await visitor.press("S’inscrire en liste d’attente")
        assert await parent.look("waiting") == []
        await visitor.follow("Retour au calendrier")
        await visitor.press("Valider")
        assert await parent.look("validated-to-pay") == []
        await visitor.press("Payer")
        await visitor.press("Refuser (la banque dit non)")
        assert await parent.look("payment-refused") == []


async def test_invoices_and_payments(site: Site, visits: Visiting) -> None:
    family = await site.billed()
    async with visits(as_person=family, scripts=True, **DESK) as visitor:
        parent = await Looker.beside(visitor)
        await visitor.open("/factures")
        assert await parent.look("invoices") == []
        await visitor.page.locator("[name=invoice]").first.uncheck()
        await visitor.press("Payer les factures sélectionnées")
        await visitor.press("Payer")
        assert await parent.look("payment-paid") == []
        await visitor.follow("Retour à mes factures")
        await visitor.press("Payer les factures sélectionnées")
        await visitor.press("Abandonner")
        assert await parent.look("payment-pending") == []
        await visitor.follow("Retour à mes factures")
        assert await parent.look("invoices-in-progress") == []
