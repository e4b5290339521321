"""An agent's second factor at the portal: added once, asked for at every sign-in, replaced by a recovery code."""

from tests.journeys.people import PASSWORD
from tests.journeys.sample import written
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.second_steps import add_app, code_now
from tests.portal.site import Site
from tests.portal.visiting import DESK, PHONE, Visitor


async def arrived(site: Site, email: str) -> str:
    """A new agent's activation code."""
    row = {"email": email, "nom": "Marchand", "prenom": "Odile", "roles": "editor"}
    await site.aurore.upload("/staff-imports", written([row]))
    letters = await site.preau.heard.until("identity.invitation_issued.v1", email=email)
    return str(letters[-1]["data"]["code"])


async def registered(site: Site, email: str) -> None:
    """An agent with a password and nothing else."""
    form = {"code": await arrived(site, email), "email": email, "password": PASSWORD}
    await site.preau.anyone.post("/agent-registrations", form)


async def sign_in(visitor: Visitor, email: str) -> None:
    await visitor.open("/connexion")
    await visitor.type("Adresse e-mail", email)
    await visitor.type("Mot de passe", PASSWORD)
    await visitor.press("Se connecter")


async def test_an_agent_without_a_factor_is_led_to_add_one_and_then_asked_for_it(site: Site, visits: Visiting) -> None:
    email = "premier@sainte-aurore.example"
    await registered(site, email)
    async with visits(**DESK) as desk:
        await sign_in(desk, email)
        assert desk.path == "/second-facteur"
        await desk.open("/actualites")
        assert await desk.reads("Vos droits d’agent attendent")
        assert await desk.page.get_by_text("Publier une actualité").count() == 0
        await desk.follow("Ajouter une application d’authentification")
        secret, codes = await add_app(site, desk)
        await desk.follow("Je les ai conservés, continuer")
        assert await desk.page.get_by_text("Publier une actualité").count() > 0

    async with visits(**PHONE) as phone:
        await sign_in(phone, email)
        assert await phone.reads("Encore une étape")
        await phone.type("Code de votre application d’authentification", code_now(site, secret))
        await phone.press("Se connecter")
        assert phone.path == "/actualites"
        assert await phone.page.get_by_text("Publier une actualité").count() > 0

    async with visits(**PHONE) as phone:
        await sign_in(phone, email)
        await phone.page.get_by_text("Utiliser un code de secours").click()
        await phone.type("Code de secours", codes[0])
        await phone.press("Se connecter avec ce code")
        assert phone.path == "/actualites"
    assert len(set(codes)) == 10


async def test_a_wrong_code_is_said_and_the_step_goes_on(site: Site, visits: Visiting) -> None:
    agent = await site.aurore.agent("editor")
    async with visits(**PHONE) as phone:
        await sign_in(phone, agent.email)
        await phone.type("Code de votre application d’authentification", "000000")
        await phone.press("Se connecter")
        assert phone.last.status == 401
        assert await phone.reads("n’est pas exact")
        site.clock.pass_time(minutes=2)
        await phone.type("Code de votre application d’authentification", agent.code())
        await phone.press("Se connecter")
        assert phone.path == "/actualites"


async def test_five_wrong_codes_lead_back_to_the_beginning(site: Site, visits: Visiting) -> None:
    agent = await site.aurore.agent("editor")
    async with visits(**PHONE) as phone:
        await sign_in(phone, agent.email)
        for _ in range(6):
            await phone.type("Code de votre application d’authentification", "000000")
            await phone.press("Se connecter")
        assert phone.path == "/connexion/code"
        assert await phone.reads("Recommencez la connexion depuis le début")
        assert await phone.page.get_by_label("Mot de passe").count() == 1


async def test_the_secret_stays_the_same_when_the_page_is_loaded_again(site: Site, visits: Visiting) -> None:
    email = "deuxieme@sainte-aurore.example"
    await registered(site, email)
    async with visits(**DESK) as desk:
        await sign_in(desk, email)
        first = await desk.page.locator("#key").inner_text()
        await desk.open("/second-facteur")
        assert await desk.page.locator("#key").inner_text() == first


async def test_its_pages_are_accessible_and_fit_every_size(site: Site, visits: Visiting) -> None:
    email = "regard@sainte-aurore.example"
    await registered(site, email)
    async with visits(scripts=True, **DESK) as visitor:
        await sign_in(visitor, email)
        looker = await Looker.beside(visitor)
        assert await looker.look("second-factor") == []
        await add_app(site, visitor)
        assert await looker.look("recovery-codes") == []
    async with visits(scripts=True, **DESK) as visitor:
        await sign_in(visitor, email)
        assert await (await Looker.beside(visitor)).look("second-step") == []
