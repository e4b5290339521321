"""The settings of a town, for its managers, and its logo, for everybody."""

from datetime import datetime
from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.identity.domain.branding import HEX
from services.identity.domain.municipalities import Contact, Municipality, PublicHolidays, time_zones
from services.identity.domain.text import LINE_LENGTH
from services.identity.http.fields import EmailAddress, Name, Phone
from services.identity.http.municipalities import PATH, MunicipalityAnswer, shown_town
from services.identity.http.parts import PARTS
from services.identity.usecases.town_settings import TownSettings, change_logo, change_settings
from shared.auth import Caller, Role
from shared.errors import N_, NotFound
from shared.problems import language_of
from shared.text import tidy
from shared.versions import etag
from shared.web import ANYONE, Answer, Body, Int, Route, agent, read_limited

log = structlog.get_logger()
MANAGERS = agent(Role.MANAGER)
LOGO_BYTES = 2 * 1024 * 1024
MOST_SERVICES = 50
# The purpose among the town's texts, see `domain.consents`.
TERMS = "terms"
A_DAY, A_YEAR = 24 * 3600, 365 * 24 * 3600


def _zone(text: str) -> str:
    if text not in time_zones():
        raise ValueError(N_("This is no time zone: “Europe/Paris” and “Indian/Reunion” are."))
    return text


def _colour(text: str) -> str:
    if not HEX.fullmatch(text.lower()):
        raise ValueError(N_("A colour is expected as # and six hexadecimal digits, such as #1d4f91."))
    return text.lower()


Line = Annotated[str, StringConstraints(min_length=1, max_length=LINE_LENGTH), AfterValidator(tidy)]
Colour = Annotated[str, StringConstraints(min_length=7, max_length=7), AfterValidator(_colour)]


class ContactBody(Body):
    email: EmailAddress
    phone: Phone
    address: Annotated[str, StringConstraints(max_length=LINE_LENGTH), AfterValidator(tidy)]


class BrandingBody(Body):
    """Both must be dark enough to be read against white: a contrast of 4.5 to 1."""

    primary: Colour
    accent: Colour


class SettingsBody(Body):
    """`reconfirmation_month`: when families are asked to confirm their file each year, 1 to 12; null: never."""

    name: Name
    contact: ContactBody
    branding: BrandingBody
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_zone)]
    school_zone: Line
    public_holidays: PublicHolidays
    opening_view: Literal["agenda", "period"]
    services: Annotated[tuple[Line, ...], Field(max_length=MOST_SERVICES)]
    reconfirmation_month: Annotated[Int, Field(ge=1, le=12)] | None = None

    def settings(self) -> TownSettings:
        return TownSettings(
            name=self.name,
            contact=Contact(email=self.contact.email, phone=self.contact.phone, address=self.contact.address),
            primary=self.branding.primary,
            accent=self.branding.accent,
            time_zone=self.time_zone,
            school_zone=self.school_zone,
            public_holidays=self.public_holidays,
            opening_view=self.opening_view,
            services=self.services,
            reconfirmation_month=self.reconfirmation_month,
        )


class SettingsAnswer(MunicipalityAnswer):
    """`version` is also the ETag, which a change sends back in If-Match."""

    insee: str
    reconfirmation_month: int | None
    version: int


class TermsAnswer(Answer):
    """What a town's families agree to; another `version` is another text."""

    municipality_id: str
    version: int
    title: str
    text: str
    published_at: datetime


class LogoAnswer(Answer):
    logo_href: str | None


async def show_settings(request: web.Request, caller: Caller) -> web.Response:
    """The town's settings; the ETag is what a change needs."""
    town = await request.app[PARTS].towns.get(_own_town(request, caller))
    return _shown(town)


async def set_settings(request: web.Request, caller: Caller, body: SettingsBody) -> web.Response:
    """All the town's settings, replaced; If-Match says which version was read."""
    parts = request.app[PARTS]
    town = await change_settings(
        _own_town(request, caller),
        body.settings(),
        request.headers.get("If-Match", ""),
        towns=parts.towns,
        clock=parts.clock,
    )
    log.info("town_settings_changed", municipality_id=town.id, version=town.version)
    return _shown(town)


async def put_logo(request: web.Request, caller: Caller) -> LogoAnswer:
    """Another logo: a PNG, JPEG or WebP of at most 2 MB, kept as PNG of at most 800 by 400 pixels."""
    municipality_id = _own_town(request, caller)
    return await _with_logo(request, municipality_id, await read_limited(request, LOGO_BYTES))


async def remove_logo(request: web.Request, caller: Caller) -> None:
    """No logo any more."""
    await _with_logo(request, _own_town(request, caller), None)


async def _with_logo(request: web.Request, municipality_id: str, content: bytes | None) -> LogoAnswer:
    parts = request.app[PARTS]
    town = await change_logo(municipality_id, content, towns=parts.towns, logos=parts.logos, clock=parts.clock)
    log.info("town_logo_changed", municipality_id=town.id, shown=bool(town.branding.logo))
    return LogoAnswer(logo_href=town.logo_path)


async def show_logo(request: web.Request) -> web.Response:
    """The town's logo; at the address the town names it never changes."""
    parts = request.app[PARTS]
    town = await parts.towns.get(request.match_info["municipality_id"])
    logo = await parts.logos.get(town.id, town.branding.logo) if town.branding.logo else None
    if logo is None:
        raise NotFound()
    named = request.query.get("v") == logo.digest
    headers = {
        "ETag": f'"{logo.digest}"',
        "Cache-Control": f"public, max-age={A_YEAR}, immutable" if named else f"public, max-age={A_DAY}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    return web.Response(body=logo.png, content_type="image/png", headers=headers)


async def show_terms(request: web.Request) -> TermsAnswer:
    """The town's terms of use as they are now, for whoever thinks of joining; 404 while it has none."""
    parts = request.app[PARTS]
    town = await parts.towns.get(request.match_info["municipality_id"])
    texts = await parts.privacy.consents.texts([town.id])
    terms = next((text for text in texts if text.purpose == TERMS), None)
    if terms is None:
        raise NotFound()
    title, words = terms.in_language(language_of(request))
    return TermsAnswer(
        municipality_id=town.id, version=terms.version, title=title, text=words, published_at=terms.published_at
    )


def _own_town(request: web.Request, caller: Caller) -> str:
    return caller.agent_of(request.match_info["municipality_id"], Role.MANAGER)


def _shown(town: Municipality) -> web.Response:
    answer = SettingsAnswer(
        **dict(shown_town(town)),
        insee=town.insee,
        reconfirmation_month=town.reconfirmation_month,
        version=town.version,
    )
    headers = {"ETag": etag(town.version)}
    return web.Response(text=answer.model_dump_json(), content_type="application/json", headers=headers)


SETTINGS, LOGO = f"{PATH}/{{municipality_id}}/settings", f"{PATH}/{{municipality_id}}/logo"
ROUTES = [
    Route(method="GET", path=SETTINGS, handler=show_settings, who=MANAGERS, answer=SettingsAnswer),
    Route(method="PUT", path=SETTINGS, handler=set_settings, who=MANAGERS, body=SettingsBody, answer=SettingsAnswer),
    Route(
        method="PUT",
        path=LOGO,
        handler=put_logo,
        who=MANAGERS,
        takes="image/png, image/jpeg, image/webp",
        answer=LogoAnswer,
    ),
    Route(method="DELETE", path=LOGO, handler=remove_logo, who=MANAGERS),
    Route(
        method="GET",
        path=f"{PATH}/{{municipality_id}}/terms",
        handler=show_terms,
        who=ANYONE,
        answer=TermsAnswer,
    ),
    Route(method="GET", path=LOGO, handler=show_logo, who=ANYONE, gives="image/png"),
]
