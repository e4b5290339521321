"""Families send what they are asked for, or give a request up."""

from aiohttp import web

from services.requests.domain.records import Sending
from services.requests.http.parts import QUOTAS
from services.requests.http.processing.acts import WordsOrNone, desk_of, family_act
from services.requests.http.shapes import RequestAnswer, shown
from services.requests.usecases.processing.complete_request import complete_request
from services.requests.usecases.processing.end_request import withdraw_request
from shared.auth import Caller
from shared.web import GUARDIAN, Body, Key, Route


class WordsBody(Body):
    """`message`: what the family says with it, if anything."""

    message: WordsOrNone = ""


async def complete(request: web.Request, body: WordsBody, caller: Caller, key: Key) -> web.Response:
    """Send what the town hall asked for: the answers and documents changed since"""
    act, sent = await family_act(request, caller), Sending(key=key.value, fingerprint=key.fingerprint)
    after = await complete_request(act, body.message, sent, quotas=request.app[QUOTAS], desk=desk_of(request))
    return await shown(after, request, status=201)


async def withdraw(request: web.Request, body: WordsBody, caller: Caller) -> web.Response:
    """Give a filed request up before it is answered; it stays in the history"""
    after = await withdraw_request(await family_act(request, caller), body.message, desk=desk_of(request))
    return await shown(after, request, status=201)


PATH = "/api/v1/requests/{request_id}"
ROUTES = [
    Route(
        method="POST",
        path=f"{PATH}/completion",
        handler=complete,
        who=GUARDIAN,
        body=WordsBody,
        answer=RequestAnswer,
        keyed=True,
        status=201,
    ),
    Route(
        method="POST",
        path=f"{PATH}/withdrawal",
        handler=withdraw,
        who=GUARDIAN,
        body=WordsBody,
        answer=RequestAnswer,
        status=201,
    ),
]
