"""People at their browsers, on a phone or at a desk, scripts off; somebody notes what the browsers complain of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from tests.journeys.people import Person
from tests.portal.site import Site

CHROMIUM = "/usr/bin/chromium"
# Waited only when a page does not come: a busy machine must not fail a test.
PATIENCE_MS = 60_000
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


@dataclass(kw_only=True)
class Visitor:
    """One browser window with cookies of its own. `faults`: what must not happen on any page."""

    site: Site
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    async def open(self, path: str) -> int:
        """The status of the page at that path of the portal, or at a whole address."""
        response = await self.page.goto(path if "://" in path else f"{self.site.url}{path}")
        assert response is not None
        return response.status

    async def press(self, name: str, where: Locator | None = None) -> None:
        """The button of that name, and the page it leads to."""
        await self._and_wait((where or self.page).get_by_role("button", name=name, exact=True).first)

    async def follow(self, name: str, where: Locator | None = None) -> None:
        await self._and_wait((where or self.page).get_by_role("link", name=name).first)

    async def _and_wait(self, target: Locator) -> None:
        async with self.page.expect_navigation(wait_until="load"):
            await target.click()

    async def type(self, label: str, text: str) -> None:
        """Into the field of that label."""
        await self.page.get_by_label(label, exact=True).fill(text)

    def cell(self, activity: str, day: str) -> Locator:
        """The button or the summary of a day, by what a screen reader is told first."""
        return self.page.locator(".cell", has_text=f"{activity}, {day}")

    async def tap(self, activity: str, day: str) -> None:
        await self._and_wait(self.cell(activity, day))

    async def reads(self, *words: str) -> bool:
        """The page says all of it, or the test fails with what it says; spaces that do not break count as spaces."""
        text = plain(await self.page.locator("main").inner_text())
        for said in words:
            assert plain(said) in text, f"“{said}” is not on {self.page.url}:\n{text}"
        return True

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def last(self) -> Response:
        """The newest answer to a page."""
        return self.answers[-1]


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


@asynccontextmanager
async def visiting(
    browser: Browser, site: Site, *, as_person: Person | None = None, scripts: bool = False, **device: Any
) -> AsyncIterator[Visitor]:
    """A visitor who is signed in when a person is given; complains at the end of what the browser complained of."""
    # The test's own browser may want scripts, for axe; the portal never does.
    context = await browser.new_context(**{"locale": "fr-FR", "java_script_enabled": scripts, **device})
    context.set_default_timeout(PATIENCE_MS)
    if as_person:
        await context.add_cookies([await site.cookie(as_person)])  # type: ignore[list-item]  # a dict as Playwright takes it
    visitor = Visitor(site=site, context=context, page=await context.new_page())
    watch(visitor, visitor.page)
    yield visitor
    await context.close()
    assert not visitor.faults, visitor.faults


def watch(visitor: Visitor, page: Page) -> None:
    """Note violations of the policy, requests to anybody else, failures of ours, and the answers to pages."""

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            visitor.faults.append(message.text)

    def asked(request: Request) -> None:
        origin = request.url.partition("://")[2].partition("/")[0]
        ours = urlsplit(visitor.site.url).netloc
        travels = request.is_navigation_request() and origin in _ways(visitor.site)
        on_our_page = urlsplit(page.url).netloc == ours and not request.is_navigation_request()
        if origin != ours and not travels and (on_our_page or request.is_navigation_request()):
            visitor.faults.append(f"a request to {request.url}")

    def answered(response: Response) -> None:
        if response.request.is_navigation_request() and response.url.startswith(visitor.site.url):
            visitor.answers.append(response)

    page.on("console", heard)
    page.on("request", asked)
    page.on("response", answered)
    page.on("pageerror", lambda error: visitor.faults.append(str(error)))


def _ways(site: Site) -> set[str]:
    """Where a payment leads a browser."""
    return {urlsplit(address).netloc for address in (site.bank, site.gateway)}
