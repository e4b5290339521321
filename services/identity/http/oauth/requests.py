"""Requests of OAuth as they come: each parameter once, plain, and of a size somebody could mean."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from shared.errors import TooLarge
from shared.web import read_limited

FORM = "application/x-www-form-urlencoded"
BODY_LIMIT = 64 * 1024
VALUE_LIMIT = 2_000
# What authlib may quote in an error, which RFC 6749 keeps to these characters.
QUOTED = ("client_id", "redirect_uri", "response_type", "grant_type", "scope", "code_challenge_method", "prompt")
NEVER_QUOTABLE = frozenset('"\\')


class Asking(OAuth2Request):
    """One request as authlib reads it. `uri` is the public address, whatever stands in front."""

    def __init__(
        self, method: str, uri: str, headers: Mapping[str, str], args: Mapping[str, str], form: Mapping[str, str]
    ) -> None:
        super().__init__(method, uri, headers=headers)
        self._args, self._form = dict(args), dict(form)
        self.payload = BasicOAuth2Payload({**args, **form})

    @property
    def args(self) -> dict[str, str]:
        return self._args

    @property
    def form(self) -> dict[str, str]:
        return self._form

    def value(self, name: str) -> str:
        return str(self.payload.data.get(name) or "")


def of_params(params: Mapping[str, str], uri: str) -> Asking:
    """An authorization request that was kept."""
    return Asking("GET", uri, {}, params, {})


async def read(request: web.Request, public_url: str) -> Asking:
    """Raises authlib's `InvalidRequestError` and `InvalidClientError`."""
    _refuse_unreadable(request.headers.get("Authorization", ""))
    args = once([(name, value) for name, value in request.query.items()])
    form = once(await _form(request)) if request.method == "POST" else {}
    return Asking(request.method, f"{public_url}{request.path}", request.headers, args, form)


def _refuse_unreadable(authorization: str) -> None:
    """What authlib would stumble over."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            base64.b64decode(token).decode()
        except ValueError:
            raise InvalidClientError("The credentials could not be read.", status_code=401) from None


async def _form(request: web.Request) -> Sequence[tuple[str, str]]:
    if request.content_type != FORM:
        raise InvalidRequestError("The body must be a form.")
    try:
        text = (await read_limited(request, BODY_LIMIT)).decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=50)
    except (TooLarge, ValueError):
        raise InvalidRequestError("The form could not be read.") from None


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Raises `InvalidRequestError` for a parameter given twice (RFC 6749, section 3.1), or that nobody could mean."""
    values = {str(name): str(value) for name, value in pairs}
    if len(values) < len(pairs):
        raise InvalidRequestError("A parameter is there twice.")
    for name, value in values.items():
        if len(value) > VALUE_LIMIT and name not in ("id_token_hint", "token"):
            raise InvalidRequestError("A parameter is too long.")
        if name in QUOTED and not _is_plain(value):
            raise InvalidRequestError("A parameter has characters it must not have.")
    return values


def _is_plain(text: str) -> bool:
    return text.isascii() and (text.isprintable() or not text) and not NEVER_QUOTABLE & set(text)
