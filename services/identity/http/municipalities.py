"""Towns as anybody may see them."""

from aiohttp import web

from services.identity.domain.municipalities import Municipality
from services.identity.http.parts import PARTS
from shared.web import ANYONE, Answer, Route


class ContactAnswer(Answer):
    email: str
    phone: str
    address: str


class BrandingAnswer(Answer):
    """`primary` lies behind white words, `accent` is the colour of links on white. `logo_href`: null without one."""

    primary: str
    accent: str
    logo_href: str | None


class MunicipalityAnswer(Answer):
    municipality_id: str
    name: str
    contact: ContactAnswer
    opening_view: str
    time_zone: str
    school_zone: str
    public_holidays: str
    services: list[str]
    branding: BrandingAnswer


async def list_municipalities(request: web.Request) -> list[MunicipalityAnswer]:
    """Towns on this platform, by name."""
    return [shown_town(town) for town in await request.app[PARTS].towns.all()]


async def show_municipality(request: web.Request) -> MunicipalityAnswer:
    """One town: contact, opening view, time zone, services."""
    return shown_town(await request.app[PARTS].towns.get(request.match_info["municipality_id"]))


def shown_town(town: Municipality) -> MunicipalityAnswer:
    contact = ContactAnswer(email=town.contact.email, phone=town.contact.phone, address=town.contact.address)
    return MunicipalityAnswer(
        municipality_id=town.id,
        name=town.name,
        contact=contact,
        opening_view=town.opening_view,
        time_zone=town.time_zone,
        school_zone=town.school_zone,
        public_holidays=town.public_holidays,
        services=list(town.services),
        branding=BrandingAnswer(primary=town.branding.primary, accent=town.branding.accent, logo_href=town.logo_path),
    )


PATH = "/api/v1/municipalities"
ROUTES = [
    Route(method="GET", path=PATH, handler=list_municipalities, who=ANYONE, answer=list[MunicipalityAnswer]),
    Route(
        method="GET",
        path=f"{PATH}/{{municipality_id}}",
        handler=show_municipality,
        who=ANYONE,
        answer=MunicipalityAnswer,
    ),
]
