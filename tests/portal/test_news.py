"""An agent publishes at a desk; families read on their phones."""

from tests.journeys.people import Person
from tests.portal.conftest import Visiting
from tests.portal.site import Site
from tests.portal.visiting import DESK, Visitor


async def publish(agent: Visitor, title: str, body: str) -> None:
    await agent.open("/actualites")
    await agent.page.get_by_text("Publier une actualité").click()
    await agent.type("Titre", title)
    await agent.type("Texte", body)
    await agent.press("Publier")


async def editor(site: Site) -> Person:
    return await site.aurore.agent("editor")


async def test_what_an_editor_publishes_families_read(site: Site, visits: Visiting, parent: Visitor) -> None:
    async with visits(as_person=await editor(site), **DESK) as agent:
        await publish(agent, "Grève jeudi", "La cantine est fermée.\n\nPrévoyez un pique-nique.")
        assert await agent.reads("Grève jeudi")

    await parent.open("/actualites")

    assert await parent.reads("Grève jeudi", "Information", "Sainte-Aurore", "jeudi 20 novembre 2025")
    assert await parent.page.locator("article", has_text="Grève jeudi").locator("p").count() == 3


async def test_scripts_in_a_news_item_never_reach_a_page(site: Site, visits: Visiting, parent: Visitor) -> None:
    async with visits(as_person=await editor(site), **DESK) as agent:
        await publish(
            agent, "Essai", "<p onclick='x()'>Bonjour <script>x()</script><img src='https://evil.example'></p>"
        )

    await parent.open("/actualites")

    item = parent.page.locator("article", has_text="Essai").first
    assert "Bonjour" in await item.inner_text()
    assert await item.locator("script, img, [onclick]").count() == 0


async def test_a_refused_item_keeps_what_was_written(site: Site, visits: Visiting) -> None:
    async with visits(as_person=await editor(site), **DESK) as agent:
        await publish(agent, "Rien à dire", "<script>x()</script>")

        assert agent.last.status == 422
        assert await agent.page.get_by_label("Titre").input_value() == "Rien à dire"
        assert await agent.page.locator("[id='wrong-body']").is_visible()


async def test_an_agent_sees_no_page_of_families_and_a_family_no_form_of_agents(
    site: Site, visits: Visiting, parent: Visitor
) -> None:
    async with visits(as_person=await editor(site), **DESK) as agent:
        await agent.open("/actualites")
        assert await agent.page.get_by_role("link", name="Mes factures").count() == 0
        assert await agent.open("/factures") == 403

    await parent.open("/actualites")
    assert await parent.page.get_by_text("Publier une actualité").count() == 0
