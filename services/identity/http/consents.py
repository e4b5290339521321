"""What guardians agree to, and the texts towns write for it."""

from datetime import datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StrictBool, StringConstraints

from services.identity.domain.consents import Consent, ConsentText
from services.identity.http.parts import PARTS
from services.identity.usecases.consents import answer_consent, list_consents, publish_text
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.problems import language_of
from shared.web import GUARDIAN, Answer, Body, Int, Route, agent, guardian_or_agent

log = structlog.get_logger()
Town = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class ConsentBody(Body):
    """`text_version`: of the text that was shown."""

    municipality_id: Town
    purpose: Purpose
    granted: StrictBool
    text_version: Annotated[Int, Field(ge=1)]


class TextsQuery(Body):
    municipality_id: Town


class TextBody(Body):
    """Plain text, in French and maybe in English. The same words again make no new version."""

    municipality_id: Town
    purpose: Purpose
    title_fr: Title
    text_fr: Text
    title_en: Title | None = None
    text_en: Text | None = None


class TextAnswer(Answer):
    """In the caller's language when the town wrote it in it, else in French."""

    municipality_id: str
    purpose: str
    text_version: int
    title: str
    text: str
    published_at: datetime


class ConsentAnswer(TextAnswer):
    """`granted`: null: never answered. `answered_version` below `text_version`: to be asked again."""

    granted: bool | None
    answered_at: datetime | None
    answered_version: int | None


class ConsentsAnswer(Answer):
    items: list[ConsentAnswer]


class TextsAnswer(Answer):
    items: list[TextAnswer]


async def show_own_consents(request: web.Request, caller: Caller) -> ConsentsAnswer:
    """What the household's towns ask, and what this guardian answered."""
    found = await list_consents(
        caller.account_id, caller.household(), caller.municipality_ids, request.app[PARTS].privacy.consents
    )
    language = language_of(request)
    return ConsentsAnswer(items=[_shown_consent(text, consent, language) for text, consent in found])


async def set_own_consent(request: web.Request, caller: Caller, body: ConsentBody) -> ConsentAnswer:
    """Agree, or no longer agree; each answer is kept with its date and the version of the text."""
    parts = request.app[PARTS]
    if body.municipality_id not in caller.municipality_ids:
        raise NotFound()
    text, consent = await answer_consent(
        body.text_version,
        body.granted,
        purpose=body.purpose,
        municipality_id=body.municipality_id,
        account_id=caller.account_id,
        household_id=caller.household(),
        consents=parts.privacy.consents,
        clock=parts.clock,
    )
    log.info("consent_set", purpose=text.purpose, granted=body.granted, municipality_id=text.municipality_id)
    return _shown_consent(text, consent, language_of(request))


async def show_texts(request: web.Request, caller: Caller, query: TextsQuery) -> TextsAnswer:
    """The texts of a town that apply now."""
    if query.municipality_id not in {*caller.municipality_ids, *caller.roles}:
        raise NotFound()
    texts = await request.app[PARTS].privacy.consents.texts([query.municipality_id])
    return TextsAnswer(items=[TextAnswer(**_words(text, language_of(request))) for text in texts])


async def write_text(request: web.Request, caller: Caller, body: TextBody) -> TextAnswer:
    """Publish what the town asks for a purpose, as its next version; guardians are asked again."""
    parts = request.app[PARTS]
    words = {"fr": (body.title_fr, body.text_fr)}
    if body.title_en and body.text_en:
        words["en"] = (body.title_en, body.text_en)
    text = await publish_text(
        caller.agent_of(body.municipality_id, Role.MANAGER),
        body.purpose,
        words,
        published_by=caller.account_id,
        consents=parts.privacy.consents,
        clock=parts.clock,
    )
    log.info("consent_text_published", purpose=text.purpose, version=text.version)
    return TextAnswer(**_words(text, language_of(request)))


def _words(text: ConsentText, language: str) -> dict[str, str | int | datetime]:
    title, said = text.in_language(language)
    return {
        "municipality_id": text.municipality_id,
        "purpose": text.purpose,
        "text_version": text.version,
        "title": title,
        "text": said,
        "published_at": text.published_at,
    }


def _shown_consent(text: ConsentText, consent: Consent | None, language: str) -> ConsentAnswer:
    last = consent.last if consent else None
    return ConsentAnswer.model_validate(
        {
            **_words(text, language),
            "granted": last.granted if last else None,
            "answered_at": last.at if last else None,
            "answered_version": last.text_version if last else None,
        }
    )


CONSENTS, TEXTS = "/api/v1/me/privacy-consents", "/api/v1/privacy-texts"
ROUTES = [
    Route(method="GET", path=CONSENTS, handler=show_own_consents, who=GUARDIAN, answer=ConsentsAnswer),
    Route(method="PUT", path=CONSENTS, handler=set_own_consent, who=GUARDIAN, body=ConsentBody, answer=ConsentAnswer),
    Route(method="GET", path=TEXTS, handler=show_texts, who=guardian_or_agent(), query=TextsQuery, answer=TextsAnswer),
    Route(
        method="POST",
        path=TEXTS,
        handler=write_text,
        who=agent(Role.MANAGER),
        body=TextBody,
        answer=TextAnswer,
        status=201,
    ),
]
