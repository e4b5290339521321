"""The FranceConnect client against the stand-in, honest and lying: what is not signed for us, for this visit, is
nobody's word."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from deploy.sandbox.franceconnect import http
from deploy.sandbox.franceconnect.people import PEOPLE, Person
from deploy.sandbox.franceconnect.provider import API, Given, Provider, Site
from services.identity.domain.federations import (
    Departure,
    FranceConnectDown,
    FranceConnectOff,
    FranceConnectUntrusted,
    PivotIdentity,
)
from services.identity.store import FranceConnectClient, Relying
from tests.identity.samples import MovableClock

CALLBACK = "http://127.0.0.1:1/oauth/franceconnect/callback"
OUT = "http://127.0.0.1:1/oauth/franceconnect/signed-out"
SITE = Site(client_id="preau", client_secret="a secret of FranceConnect", back=CALLBACK, signed_out=OUT)
STATE = "s" * 43


class Liar(Provider):
    """The stand-in with its answers changed on purpose."""

    def __init__(self, clock: MovableClock) -> None:
        super().__init__(SITE, clock)
        self.in_visit: dict[str, Any] = {}
        self.in_facts: dict[str, Any] = {}
        self.signs_with: Any = None
        self.described: dict[str, Any] = {}

    def visit(self, given: Given) -> dict[str, Any]:
        return _changed(super().visit(given), self.in_visit)

    def facts(self, given: Given) -> dict[str, Any]:
        return _changed(super().facts(given), self.in_facts)

    def sign(self, claims: Mapping[str, Any]) -> str:
        return str(self.signs_with(claims)) if self.signs_with else super().sign(claims)

    def description(self) -> dict[str, Any]:
        return _changed(super().description(), self.described)

    @property
    def key(self) -> ECKey:
        return self._key


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.fixture
async def provider(clock: MovableClock) -> AsyncIterator[Liar]:
    liar = Liar(clock)
    async with TestServer(http.build(liar)) as server:
        liar.issuer = str(server.make_url(API))
        yield liar


@pytest.fixture
async def client(provider: Liar, clock: MovableClock) -> AsyncIterator[FranceConnectClient]:
    relying = Relying(
        issuer=provider.issuer,
        client_id=SITE.client_id,
        client_secret=SITE.client_secret,
        redirect_uri=CALLBACK,
        post_logout_redirect_uri=OUT,
    )
    client = FranceConnectClient(relying, clock)
    yield client
    await client.close()


@pytest.fixture
def departure(clock: MovableClock) -> Departure:
    return Departure(id="d", browser="b", nonce="n" * 43, verifier="v" * 43, expires_at=clock())


class Visit:
    """One person's way: the address, the choice on its page, what came back."""

    def __init__(self, client: FranceConnectClient, provider: Liar, departure: Departure) -> None:
        self.client, self.provider, self.departure = client, provider, departure

    async def code(self, person: Person = PEOPLE[0]) -> str:
        query = parse_qs(urlsplit(await self.client.address(self.departure, STATE)).query)
        asked = self.provider.read({name: values[0] for name, values in query.items()})
        return self.provider.give_code(asked, person)

    async def identity(self, issuer: str | None = None) -> tuple[PivotIdentity, str]:
        return await self.client.identity(await self.code(), self.departure, issuer or self.provider.issuer)

    async def distrusted(self, issuer: str | None = None) -> bool:
        with pytest.raises(FranceConnectUntrusted):
            await self.identity(issuer)
        return True


@pytest.fixture
def visit(client: FranceConnectClient, provider: Liar, departure: Departure) -> Visit:
    return Visit(client, provider, departure)


async def test_a_person_is_who_franceconnect_signed_them_to_be(visit: Visit) -> None:
    identity, hint = await visit.identity()

    assert identity.issuer == visit.provider.issuer
    assert identity.sub == PEOPLE[0].sub("preau")
    assert identity.name == "Claire Lefèvre"
    assert hint.count(".") == 2


async def test_the_browser_is_sent_with_everything_version_two_asks_for(visit: Visit) -> None:
    address = await visit.client.address(visit.departure, STATE)

    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{visit.provider.issuer}/authorize?")
    assert (query["acr_values"], query["state"], query["nonce"]) == ("eidas1", STATE, visit.departure.nonce)
    assert (query["redirect_uri"], query["code_challenge_method"]) == (CALLBACK, "S256")
    assert visit.departure.verifier not in address
    assert "email" not in query["scope"]


async def test_pkce_is_used_where_it_is_offered_and_else_left_out(visit: Visit) -> None:
    visit.provider.described = {"code_challenge_methods_supported": None}

    assert "code_challenge" not in await visit.client.address(visit.departure, STATE)
    assert (await visit.identity())[0].family_name == "Lefèvre"


HOUR = 3600


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another visit's"},
        {"nonce": None},
        {"aud": "another-site"},
        {"aud": ["preau", "another-site"]},
        {"aud": None},
        {"iss": "https://attacker.example/api/v2"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"acr": None},
        {"acr": "eidas0"},
        {"exp": None},
        {"exp": 1},
        {"iat": 10**11},
    ],
)
async def test_an_id_token_that_is_not_for_this_visit_signs_nobody_in(visit: Visit, lie: dict[str, Any]) -> None:
    visit.provider.in_visit = lie

    assert await visit.distrusted()


@pytest.mark.parametrize(
    "lie",
    [
        {"sub": "somebody else"},
        {"sub": None},
        {"aud": "another-site"},
        {"aud": None},
        {"iss": "https://attacker.example/api/v2"},
        {"iss": None},
        {"exp": 1},
    ],
)
async def test_userinfo_of_somebody_else_or_for_somebody_else_is_refused(visit: Visit, lie: dict[str, Any]) -> None:
    visit.provider.in_facts = lie

    assert await visit.distrusted()


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


OTHER = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
RSA = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)


async def test_what_another_hand_signed_is_refused(visit: Visit) -> None:
    kid = visit.provider.key.kid
    sent_along = {"alg": "ES256", "kid": kid, "jwk": OTHER.as_dict(private=False)}
    hands: list[Any] = [
        lambda claims: jwt.encode({"alg": "ES256", "kid": kid}, dict(claims), OTHER),
        lambda claims: jwt.encode({"alg": "ES256", "kid": OTHER.kid}, dict(claims), OTHER),
        lambda claims: jwt.encode(sent_along, dict(claims), OTHER),
        lambda claims: jwt.encode({"alg": "RS256", "kid": kid}, dict(claims), RSA),
        lambda claims: f"{_part({'alg': 'none'})}.{_part(claims)}.",
        lambda claims: f"{_part({'alg': 'none', 'kid': kid})}.{_part(claims)}.",
        lambda _: "not a token",
        lambda _: "a.b.c",
    ]

    for hand in hands:
        visit.provider.signs_with = hand
        assert await visit.distrusted()


async def test_the_public_key_is_no_shared_secret(visit: Visit) -> None:
    """`HS256` with the published key as its secret, the old trick."""
    from joserfc.jwk import OctKey

    public = OctKey.import_key(json.dumps(visit.provider.key.as_dict(private=False)))
    header = {"alg": "HS256", "kid": visit.provider.key.kid}
    visit.provider.signs_with = lambda claims: jwt.encode(header, dict(claims), public, algorithms=["HS256"])

    assert await visit.distrusted()


async def test_userinfo_that_is_not_signed_is_refused(
    provider: Liar, clock: MovableClock, departure: Departure
) -> None:
    async def plain(_: web.Request) -> web.Response:
        return web.json_response({"sub": PEOPLE[0].sub("preau"), "family_name": "Lefèvre"})

    app = http.build(provider)
    other = web.Application()
    other.router.add_get("/userinfo", plain)
    async with TestServer(other) as plainly, TestServer(app) as server:
        provider.issuer = str(server.make_url(API))
        provider.described = {"userinfo_endpoint": str(plainly.make_url("/userinfo"))}
        relying = Relying(
            issuer=provider.issuer,
            client_id="preau",
            client_secret=SITE.client_secret,
            redirect_uri=CALLBACK,
            post_logout_redirect_uri=OUT,
        )
        client = FranceConnectClient(relying, clock)
        assert await Visit(client, provider, departure).distrusted()
        await client.close()


async def test_an_answer_of_another_issuer_is_not_redeemed_here(visit: Visit) -> None:
    """The mix-up attack: RFC 9207."""
    code = await visit.code()

    for issuer in ("https://attacker.example/api/v2", f"{visit.provider.issuer}/", ""):
        with pytest.raises(FranceConnectUntrusted):
            await visit.client.identity(code, visit.departure, issuer)
    assert await visit.client.identity(code, visit.departure, visit.provider.issuer)


async def test_a_code_serves_once_and_with_its_own_verifier(visit: Visit, clock: MovableClock) -> None:
    code = await visit.code()
    await visit.client.identity(code, visit.departure, visit.provider.issuer)
    stolen = Departure(id="d", browser="b", nonce="n" * 43, verifier="w" * 43, expires_at=clock())

    with pytest.raises(FranceConnectUntrusted):
        await visit.client.identity(code, visit.departure, visit.provider.issuer)
    with pytest.raises(FranceConnectUntrusted):
        await visit.client.identity(await visit.code(), stolen, visit.provider.issuer)


async def test_a_description_of_another_issuer_is_not_believed(visit: Visit) -> None:
    visit.provider.described = {"issuer": "https://attacker.example/api/v2"}

    with pytest.raises(FranceConnectUntrusted):
        await visit.client.address(visit.departure, STATE)


async def test_new_keys_are_fetched_when_they_sign(visit: Visit, clock: MovableClock) -> None:
    await visit.identity()
    visit.provider._key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    assert await visit.distrusted()

    clock.pass_(seconds=10)

    assert await visit.identity()


async def test_rs256_is_the_other_signature_franceconnect_offers(visit: Visit) -> None:
    published = {"keys": [*visit.provider.keys()["keys"], RSA.as_dict(private=False)]}
    visit.provider.keys = lambda: published  # type: ignore[method-assign]  # one more key for this test
    visit.provider.signs_with = lambda claims: jwt.encode({"alg": "RS256", "kid": RSA.kid}, dict(claims), RSA)

    assert (await visit.identity())[0].sub == PEOPLE[0].sub("preau")


async def test_while_franceconnect_is_away_it_is_said_so(clock: MovableClock, departure: Departure) -> None:
    relying = Relying(
        issuer="http://127.0.0.1:1/api/v2",
        client_id="preau",
        client_secret="x",
        redirect_uri=CALLBACK,
        post_logout_redirect_uri=OUT,
    )
    client = FranceConnectClient(relying, clock)

    with pytest.raises(FranceConnectDown):
        await client.address(departure, STATE)
    await client.close()


async def test_without_an_issuer_there_is_no_franceconnect(clock: MovableClock, departure: Departure) -> None:
    off = Relying(issuer="", client_id="", client_secret="", redirect_uri=CALLBACK, post_logout_redirect_uri=OUT)
    client = FranceConnectClient(off, clock)

    assert not client.configured
    with pytest.raises(FranceConnectOff):
        await client.address(departure, STATE)


async def test_leaving_goes_by_franceconnect_too(visit: Visit) -> None:
    _, hint = await visit.identity()
    async with aiohttp.ClientSession() as browser:
        answer = await browser.get(await visit.client.farewell(hint, "abc"), allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, f"{OUT}?state=abc")
