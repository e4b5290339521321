"""The door for agents: their town's own words for its letters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from services.notifications.domain.letter_kinds import KINDS, LetterKind
from services.notifications.domain.letter_templates import Edition, LetterTemplate
from services.notifications.domain.own_words import OwnWords
from services.notifications.http.parts import LETTER_TEMPLATES, LETTERPRESS, STATIONERIES
from services.notifications.usecases.letter_templates import change_words, known_kind, preview, restore_words
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, language_of
from shared.text import tidy
from shared.versions import etag
from shared.web import CLOCK, Answer, Body, Int, Route, agent

log = structlog.get_logger()
WRITERS = (Role.EDITOR, Role.MANAGER)
Language = Literal["fr", "en"]


def _lines(text: str) -> str:
    """Its line ends kept, everything unseen taken out."""
    return "\n".join(tidy(line) for line in text.replace("\r\n", "\n").split("\n")).strip()


Subject = Annotated[str, StringConstraints(max_length=150), AfterValidator(tidy)]
Opening = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_lines)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_lines)]


class WordsBody(Body):
    """What is left empty stays as Préau says it. `{name}` stands for a fact of the letter."""

    subject: Subject = ""
    opening: Opening = ""
    notes: Annotated[tuple[Note, ...], Field(max_length=5)] = ()

    def words(self) -> OwnWords:
        return OwnWords(subject=self.subject, opening=self.opening, notes=self.notes)


class TemplateBody(Body):
    """`words` by language; none: the letter as Préau writes it."""

    municipality_id: str
    words: dict[Language, WordsBody]


class RestorationBody(Body):
    """`version`: one of `editions`, or 0 for the letter as Préau writes it."""

    municipality_id: str
    version: Annotated[Int, Field(ge=0)]


class PreviewBody(Body):
    """`words`: those to try; left out, those in force."""

    municipality_id: str
    language: Language = "fr"
    words: WordsBody | None = None


class OfTown(Body):
    municipality_id: str


class ShownFact(Answer):
    """`{name}` in the town's words stands for it; `needed`: an opening of the town's own must hold it."""

    name: str
    label: str
    needed: bool


class ShownKind(Answer):
    """`languages`: those in which the town has words of its own; `version` 0: it never touched this letter."""

    kind: str
    label: str
    version: int
    languages: list[str]


class ShownWords(Answer):
    subject: str
    opening: str
    notes: list[str]


class ShownEdition(Answer):
    version: int
    words: dict[str, ShownWords]
    changed_at: datetime
    changed_by: str


class ShownTemplate(ShownKind):
    """`version` is also the ETag, which a change sends back in If-Match. `as_written`: what Préau says, with sample
    facts. `keeps_notes`: the town's notes come after Préau's, which protect the reader. `editions`: newest first.
    """

    facts: list[ShownFact]
    keeps_notes: bool
    words: dict[str, ShownWords]
    as_written: dict[str, ShownWords]
    editions: list[ShownEdition]


class ShownPreview(Answer):
    """`html` is a whole page that loads nothing from elsewhere: show it in a sandboxed frame."""

    subject: str
    text: str
    html: str


async def list_letter_templates(request: web.Request, query: OfTown, caller: Caller) -> list[ShownKind]:
    """Every kind of letter the town may put into its own words."""
    municipality_id = caller.agent_of(query.municipality_id, *WRITERS)
    known = await request.app[LETTER_TEMPLATES].of_town(municipality_id)
    untouched = LetterTemplate(municipality_id=municipality_id, kind="")
    return [ShownKind(**_kind(request, kind, known.get(kind.key, untouched))) for kind in KINDS.values()]


async def show_letter_template(request: web.Request, query: OfTown, caller: Caller) -> web.Response:
    """One kind of letter: the facts it knows, the town's words and what they were; the ETag is what a change needs."""
    municipality_id = caller.agent_of(query.municipality_id, *WRITERS)
    kind = known_kind(request.match_info["kind"])
    return _shown(request, kind, await request.app[LETTER_TEMPLATES].get(municipality_id, kind.key))


async def set_letter_template(request: web.Request, body: TemplateBody, caller: Caller) -> web.Response:
    """The town's words for this kind of letter, all of them; If-Match says which version was read."""
    kind = known_kind(request.match_info["kind"])
    template = await change_words(
        caller.agent_of(body.municipality_id, *WRITERS),
        kind,
        {language: own.words() for language, own in body.words.items()},
        request.headers.get("If-Match", ""),
        by=caller.account_id,
        templates=request.app[LETTER_TEMPLATES],
        clock=request.app[CLOCK],
    )
    request.app[STATIONERIES].forget(template.municipality_id)
    log.info("letter_template_changed", kind=kind.key, version=template.version)
    return _shown(request, kind, template)


async def restore_letter_template(request: web.Request, body: RestorationBody, caller: Caller) -> web.Response:
    """The words of an earlier version, as a new one; If-Match says which version was read."""
    kind = known_kind(request.match_info["kind"])
    template = await restore_words(
        caller.agent_of(body.municipality_id, *WRITERS),
        kind,
        body.version,
        request.headers.get("If-Match", ""),
        by=caller.account_id,
        templates=request.app[LETTER_TEMPLATES],
        clock=request.app[CLOCK],
    )
    request.app[STATIONERIES].forget(template.municipality_id)
    log.info("letter_template_restored", kind=kind.key, version=template.version)
    return _shown(request, kind, template)


async def preview_letter(request: web.Request, body: PreviewBody, caller: Caller) -> ShownPreview:
    """The letter as a family would get it, with sample facts; nothing is kept or sent."""
    pages = await preview(
        caller.agent_of(body.municipality_id, *WRITERS),
        known_kind(request.match_info["kind"]),
        body.words.words() if body.words else None,
        body.language,
        stationeries=request.app[STATIONERIES],
        letterpress=request.app[LETTERPRESS],
    )
    return ShownPreview(subject=pages.subject, text=pages.text, html=pages.html)


def _kind(request: web.Request, kind: LetterKind, template: LetterTemplate) -> dict[str, object]:
    label = request.app[CATALOGUES].translate(language_of(request), kind.label)
    languages = sorted(template.words)
    return {"kind": kind.key, "label": label, "version": template.version, "languages": languages}


def _shown(request: web.Request, kind: LetterKind, template: LetterTemplate) -> web.Response:
    catalogues, language = request.app[CATALOGUES], language_of(request)
    answer = ShownTemplate.model_validate(
        {
            **_kind(request, kind, template),
            "facts": [
                ShownFact(
                    name=fact.name, label=catalogues.translate(language, fact.label), needed=fact.name in kind.needs
                )
                for fact in kind.all_facts
            ],
            "keeps_notes": kind.keeps_notes,
            "words": _words(template.words),
            "as_written": _words(request.app[LETTERPRESS].as_written(kind)),
            "editions": [_edition(one) for one in reversed(template.editions)],
        }
    )
    headers = {"ETag": etag(template.version)}
    return web.Response(text=answer.model_dump_json(), content_type="application/json", headers=headers)


def _edition(one: Edition) -> ShownEdition:
    return ShownEdition(
        version=one.version, words=_words(one.words), changed_at=one.changed_at, changed_by=one.changed_by
    )


def _words(words: Mapping[str, OwnWords]) -> dict[str, ShownWords]:
    return {
        language: ShownWords(subject=own.subject, opening=own.opening, notes=list(own.notes))
        for language, own in words.items()
    }


PATH = "/api/v1/letter-templates"
ONE = f"{PATH}/{{kind}}"
AGENTS = agent(*WRITERS)
ROUTES = [
    Route(method="GET", path=PATH, handler=list_letter_templates, who=AGENTS, query=OfTown, answer=list[ShownKind]),
    Route(method="GET", path=ONE, handler=show_letter_template, who=AGENTS, query=OfTown, answer=ShownTemplate),
    Route(method="PUT", path=ONE, handler=set_letter_template, who=AGENTS, body=TemplateBody, answer=ShownTemplate),
    Route(
        method="POST",
        path=f"{ONE}/restorations",
        handler=restore_letter_template,
        who=AGENTS,
        body=RestorationBody,
        answer=ShownTemplate,
    ),
    Route(
        method="POST", path=f"{ONE}/previews", handler=preview_letter, who=AGENTS, body=PreviewBody, answer=ShownPreview
    ),
]
