"""One call of a route as whoever may make it makes it, and the names such calls share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from shared.web import Route
from tests.journeys.people import JSON, Person
from tests.security.world import World

PDF = "application/pdf"
NOBODY = "personne@messagerie.example"
CODE = "ZZZZZZZZZ9"


@dataclass(frozen=True, kw_only=True)
class Call:
    """`ids`: values of the path; `names`: whose thing it asks for, so that a stranger must be refused."""

    ids: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    media: str = JSON
    names: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    """By name with `_` for `-`."""

    def path(self, route: Route, **other: str) -> str:
        path = route.path.format(**{**self.ids, **other}) if self.ids else route.path
        return f"{path}?{urlencode(self.query)}" if self.query else path

    async def send(self, person: Person, route: Route, **other: str) -> Any:
        data = self.body if self.content is None else self.content
        key = "new" if route.keyed else ""
        return await person.ask(
            route.method, self.path(route, **other), data, key=key, media=self.media, **self.headers
        )


Make = Callable[[World], Awaitable[Call] | Call]
TOWN = {"municipality_id": "sainte-aurore"}
MISSING = "missing"


def fixed(**parts: Any) -> Make:
    return lambda _: Call(**parts)
