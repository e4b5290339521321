"""For everybody: by keyboard alone, in their language, and with nothing that runs or comes from elsewhere."""

import aiohttp
import pytest

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import REPAS, RESTAURANT, Site
from tests.portal.test_booking import month_of
from tests.portal.visiting import DESK, Visitor, plain

MOST_TABS = 60


async def tab_to(visitor: Visitor, words: str) -> None:
    """Press Tab until what has the focus says those words."""
    for _ in range(MOST_TABS):
        await visitor.page.keyboard.press("Tab")
        focused = visitor.page.locator(":focus")
        if await focused.count() and words in plain(await focused.inner_text()):
            return
    raise AssertionError(f"“{words}” is not reached in {MOST_TABS} tabs")


async def enter(visitor: Visitor) -> None:
    async with visitor.page.expect_navigation(wait_until="load"):
        await visitor.page.keyboard.press("Enter")


async def test_a_day_is_booked_by_keyboard_alone(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **DESK) as parent:
        await parent.open("/reservations")
        await tab_to(parent, "Restaurant scolaire")
        await enter(parent)
        await tab_to(parent, "déc.")
        await enter(parent)

        await tab_to(parent, "REPAS, lundi 8 décembre 2025")
        await enter(parent)
        await tab_to(parent, "Valider")
        await enter(parent)

        assert await parent.reads("Demande validée", "lun. 8 déc.")
    assert (await family.cell(RESTAURANT, REPAS, "2025-12-08"))["state"] == "booked"


async def test_the_first_tab_skips_to_the_content(parent: Visitor) -> None:
    await parent.open("/reservations")

    await parent.page.keyboard.press("Tab")
    await parent.page.keyboard.press("Enter")

    assert parent.page.url.endswith("#content")


async def test_why_a_day_is_closed_is_read_by_keyboard_too(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **DESK) as parent:
        await parent.open(month_of(family))
        await tab_to(parent, "mercredi 7 janvier 2026")
        await parent.page.keyboard.press("Enter")

        assert await parent.reads("n’a pas lieu")


async def test_a_reader_of_english_reads_english_down_to_the_refusals(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, locale="en-GB", **DESK) as parent:
        await parent.open(month_of(family))
        assert await parent.page.locator("html").get_attribute("lang") == "en"
        assert await parent.reads("January 2026", "Your cart is empty", "Week 3 from 12/01/2026")

        await parent.cell("REPAS", "Wednesday 7 January 2026").click()

        assert await parent.reads("does not take place")


@pytest.mark.parametrize(("header", "language"), [({}, "fr"), ({"Accept-Language": "de"}, "fr")])
async def test_french_is_the_language_of_who_asks_for_none_we_speak(
    header: dict[str, str], language: str, site: Site
) -> None:
    async with aiohttp.ClientSession() as http, http.get(site.url, headers=header) as answer:
        assert answer.headers["Content-Language"] == language
        assert "Se connecter" in await answer.text()


async def test_no_page_has_a_script(family: Family, parent: Visitor) -> None:
    for path in ("/", "/actualites", "/reservations", month_of(family), "/factures"):
        await parent.open(path)
        assert await parent.page.locator("script, [style], [onclick]").count() == 0


async def test_the_watcher_of_these_tests_sees_a_violation(visits: Visiting) -> None:
    with pytest.raises(AssertionError, match="Content Security Policy"):
        await break_the_policy(visits)


async def break_the_policy(visits: Visiting) -> None:
    async with visits(scripts=True, **DESK) as visitor:
        await visitor.open("/")
        await visitor.page.locator("main").evaluate("main => { main.innerHTML = '<b style=\"color: red\">!</b>' }")
        await visitor.page.locator("main b").wait_for()


async def test_the_looker_of_these_tests_sees_what_axe_finds(visits: Visiting) -> None:
    async with visits(scripts=True, **DESK) as visitor:
        await visitor.open("/")
        await visitor.page.locator("html").evaluate("html => html.removeAttribute('lang')")

        wrong = await (await Looker.beside(visitor)).look("broken")

    assert len(wrong) == 4
    assert all(one.startswith("html-has-lang") for one in wrong)
