"""A browser without scripts at our pages: keeps cookies, fills in forms, follows no redirect by itself."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import CookieJar
from aiohttp.test_utils import TestClient

PUBLIC = "http://localhost:8080"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page, with what is typed into them already."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given["action"]))
        elif tag == "input" and self.found and "name" in given:
            self.found[-1].fields[given["name"]] = given.get("value", "")


@dataclass
class Page:
    status: int
    headers: Any
    text: str

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def answer(self) -> dict[str, str]:
        """What a site reads in the address its browser came back to."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}

    def form(self, action: str) -> Form:
        found = [one for one in Forms(self.text).found if one.action == action]
        assert found, f"no form leads to {action} on:\n{self.text}"
        return found[0]


@dataclass
class Browser:
    """`cookies` are those of our pages, as the browser would send them."""

    client: TestClient[Any, Any]
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "fr", "User-Agent": "Firefox Linux"})

    def __post_init__(self) -> None:
        jar = self.client.session.cookie_jar
        assert isinstance(jar, CookieJar)
        # Several browsers share the client of a test.
        jar.clear()

    async def get(self, path: str, **headers: str) -> Page:
        return await self._ask("GET", path, None, headers)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """A form of our own page, unless other headers say otherwise."""
        return await self._ask("POST", path, fields, {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin", **headers})

    async def send(self, page: Page, action: str, **typed: str) -> Page:
        """The form of that page, filled in."""
        form = page.form(action)
        return await self.post(action, {**form.fields, **typed})

    async def follow(self, page: Page) -> Page:
        """As long as it leads to our own pages."""
        while page.status == 303 and page.location.startswith("/"):
            page = await self.get(page.location)
        return page

    async def _ask(self, method: str, path: str, fields: Any, headers: dict[str, str]) -> Page:
        sent = {**self.headers, **headers, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        self.client.session.cookie_jar.clear()
        answer = await self.client.request(method, path, data=fields, headers=sent, allow_redirects=False)
        async with answer:
            for name, morsel in answer.cookies.items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
            return Page(answer.status, answer.headers, await answer.text())
