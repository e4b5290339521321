"""What an agent does with an authenticator app at the portal."""

from deploy.sample.authenticator import code_of, step_of
from tests.portal.site import Site
from tests.portal.visiting import Visitor


def code_now(site: Site, secret: str, drift: int = 0) -> str:
    return code_of(secret, step_of(site.clock().timestamp()) + drift)


async def add_app(site: Site, visitor: Visitor) -> tuple[str, list[str]]:
    """Types the key the page shows into an app, and the app's code into the page; the key and the recovery codes."""
    secret = (await visitor.page.locator("#key").inner_text()).replace(" ", "")
    await visitor.type("Code de votre application d’authentification", code_now(site, secret, -1))
    await visitor.press("Confirmer")
    await visitor.reads("Vos codes de secours")
    return secret, await visitor.page.locator(".codes code").all_inner_texts()
