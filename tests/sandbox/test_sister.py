"""The sister site believes nothing that does not belong together: it is what others will copy."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.sandbox.sister.relying import LOGOUT_EVENT, Departure, NotBelieved, Relying, Visitor
from tests.sandbox.doubles import MovableClock

HOME, NAME = "https://paiement.example", "sister"


@dataclass
class Provider:
    """Answers as Préau does, or as a test wants it to."""

    clock: MovableClock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    url: str = ""
    id_claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "acc_1", "name": "Claire", "email": "c@x.example"})
    status: int = 200
    asked: dict[str, str] = field(default_factory=dict)

    def sign(self, claims: dict[str, Any], kind: str = "JWT", key: ECKey | None = None) -> str:
        now = int(self.clock().timestamp())
        whole = {"iss": self.url, "aud": NAME, "sub": "acc_1", "sid": "ses_1", "iat": now, "exp": now + 600, **claims}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": kind, **self.header}, whole, key or self.key)

    async def token(self, request: web.Request) -> web.Response:
        self.asked = {name: str(value) for name, value in (await request.post()).items()}
        body = {"access_token": "at", "id_token": self.sign(self.id_claims)}
        return web.json_response(body, status=self.status)

    async def userinfo(self, _: web.Request) -> web.Response:
        return web.json_response(self.person)

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response(json.loads(json.dumps(KeySet([self.key]).as_dict(private=False))))


@pytest.fixture
async def provider(clock: MovableClock) -> AsyncIterator[Provider]:
    provider, app = Provider(clock), web.Application()
    app.add_routes(
        [
            web.post("/oauth/token", provider.token),
            web.get("/oauth/userinfo", provider.userinfo),
            web.get("/.well-known/jwks.json", provider.keys),
        ]
    )
    async with TestServer(app) as server:
        provider.url = str(server.make_url("")).rstrip("/")
        yield provider


@pytest.fixture
async def site(provider: Provider, clock: MovableClock) -> AsyncIterator[Relying]:
    async with aiohttp.ClientSession() as http:
        yield Relying(
            http=http,
            issuer=provider.url,
            inside=provider.url,
            home=HOME,
            client_id=NAME,
            secret="secret",
            clock=clock,
        )


async def come_back(site: Relying, provider: Provider, departure: Departure | None = None, **changes: str) -> Visitor:
    departure = departure or Departure()
    provider.id_claims = {"nonce": departure.nonce, **provider.id_claims}
    returned = {"state": departure.state, "code": "a-code", "iss": provider.url, **changes}
    return await site.arrive(returned, departure)


def test_the_way_in_names_everything_that_must_come_back(site: Relying) -> None:
    departure = Departure()

    asked = {name: value[0] for name, value in parse_qs(urlsplit(site.way_in(departure)).query).items()}

    assert asked["state"] == departure.state
    assert asked["nonce"] == departure.nonce
    assert asked["code_challenge"] == departure.challenge
    assert asked["code_challenge_method"] == "S256"
    assert departure.verifier not in site.way_in(departure)


async def test_what_belongs_together_is_believed(site: Relying, provider: Provider) -> None:
    departure = Departure()

    visitor = await come_back(site, provider, departure)

    assert (visitor.subject, visitor.session, visitor.name) == ("acc_1", "ses_1", "Claire")
    assert provider.asked["code_verifier"] == departure.verifier


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "another"}, "state"),
        ({"state": ""}, "state"),
        ({"iss": "https://attaquant.example"}, "iss"),
        ({"iss": ""}, "iss"),
    ],
)
async def test_an_answer_of_somebody_else_is_not_believed_and_its_code_goes_nowhere(
    changes: dict[str, str], reason: str, site: Relying, provider: Provider
) -> None:
    with pytest.raises(NotBelieved, match=reason):
        await come_back(site, provider, **changes)

    assert provider.asked == {}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"iss": "https://attaquant.example"},
        {"aud": "another-site"},
        {"exp": 1},
        {"sub": "acc_2"},
    ],
)
async def test_an_id_token_that_is_not_for_this_visit_is_not_believed(
    claims: dict[str, Any], site: Relying, provider: Provider
) -> None:
    provider.id_claims = claims

    with pytest.raises(NotBelieved):
        await come_back(site, provider)


@pytest.mark.parametrize("header", [{"typ": "at+jwt"}, {"typ": "logout+jwt"}])
async def test_a_token_of_another_kind_is_no_id_token(
    header: dict[str, str], site: Relying, provider: Provider
) -> None:
    provider.header = header

    with pytest.raises(NotBelieved):
        await come_back(site, provider)


async def test_a_refusal_is_told_by_its_word(site: Relying, provider: Provider) -> None:
    departure = Departure()

    with pytest.raises(NotBelieved, match="access_denied"):
        await site.arrive({"state": departure.state, "iss": provider.url, "error": "access_denied"}, departure)


async def test_a_code_the_provider_does_not_know_signs_nobody_in(site: Relying, provider: Provider) -> None:
    provider.status = 400

    with pytest.raises(NotBelieved, match="token"):
        await come_back(site, provider)


async def test_the_end_of_a_sign_in_is_heard(site: Relying, provider: Provider) -> None:
    assert await site.ended(provider.sign({"events": {LOGOUT_EVENT: {}}}, "logout+jwt")) == "ses_1"


async def test_no_sign_in_ends_by_a_token_that_says_something_else(site: Relying, provider: Provider) -> None:
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    event = {"events": {LOGOUT_EVENT: {}}}
    for token in (
        provider.sign(event),
        provider.sign({}, "logout+jwt"),
        provider.sign({**event, "nonce": "x"}, "logout+jwt"),
        provider.sign({**event, "aud": "another"}, "logout+jwt"),
        provider.sign(event, "logout+jwt", stranger),
        "",
        "a.b.c",
    ):
        with pytest.raises(NotBelieved):
            await site.ended(token)
