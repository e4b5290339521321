"""What each profile is told, for whoever writes a partner's system: no log-in is needed to read it."""

from typing import Any

from aiohttp import web

from services.partners.domain.catalogue import meaning, schema_of, told_to
from shared.contracts.disclosure import PROFILES
from shared.errors import NotFound
from shared.web import ANYONE, Answer, Route

PATH = "/api/v1/partner-profiles"
SCHEMA_TYPE = "application/schema+json"


class TypeAnswer(Answer):
    """`data_schema`: where the JSON Schema of `data` is."""

    type: str
    meaning: str
    data_schema: str


class ProfileAnswer(Answer):
    profile: str
    meaning: str
    types: list[TypeAnswer]


class ProfilesAnswer(Answer):
    items: list[ProfileAnswer]


async def list_partner_profiles(_: web.Request) -> ProfilesAnswer:
    """The profiles there are, and the events each is told."""
    items = [
        ProfileAnswer(
            profile=profile,
            meaning=words,
            types=[
                TypeAnswer(type=topic, meaning=meaning(topic), data_schema=f"{PATH}/{profile}/{topic}")
                for topic in told_to(profile)
            ],
        )
        for profile, words in PROFILES.items()
    ]
    return ProfilesAnswer(items=items)


async def show_partner_event_schema(request: web.Request) -> web.Response:
    """The JSON Schema of an event's `data` as the profile has it."""
    found: dict[str, Any] | None = schema_of(request.match_info["profile"], request.match_info["type"])
    if found is None:
        raise NotFound()
    return web.json_response(found, content_type=SCHEMA_TYPE, headers={"Cache-Control": "public, max-age=3600"})


ROUTES = [
    Route(method="GET", path=PATH, handler=list_partner_profiles, who=ANYONE, answer=ProfilesAnswer),
    Route(
        method="GET",
        path=f"{PATH}/{{profile}}/{{type}}",
        handler=show_partner_event_schema,
        who=ANYONE,
        gives=SCHEMA_TYPE,
    ),
]
