"""Tokens: what a verifier takes for true, and every way to lie to it."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.auth import REFETCH_SECONDS, Caller, Role, Tokens
from shared.errors import Forbidden, Unauthenticated, Unavailable
from tests.callers import ISSUER, Issuer
from tests.shared.conftest import MovableClock

PARENT = Caller(account_id="acc_1", household_id="hsh_1", municipality_ids=frozenset({"sainte-aurore"}))
AGENT = Caller(account_id="acc_2", roles={"sainte-aurore": frozenset({"manager", "editor"})})


def bearer(token: str) -> str:
    return f"Bearer {token}"


def encoded(part: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return issuer.tokens()


@pytest.mark.parametrize("caller", [PARENT, AGENT], ids=["parent", "agent"])
async def test_who_signed_in_is_recognised(issuer: Issuer, tokens: Tokens, caller: Caller) -> None:
    found = await tokens.caller(bearer(issuer.sign(issuer.claims(caller))))

    assert (found.account_id, found.household_id) == (caller.account_id, caller.household_id)
    assert (found.municipality_ids, dict(found.roles)) == (caller.municipality_ids, dict(caller.roles))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(issuer: Issuer, tokens: Tokens, scheme: str) -> None:
    assert await tokens.caller(f"{scheme} {issuer.sign(issuer.claims(PARENT))}")


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer a.b.c", "Bearer é"]
)
async def test_what_is_no_token_is_refused(tokens: Tokens, authorization: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.caller(authorization)


# --- forged --------------------------------------------------------------------------------------------------------


async def test_a_token_without_a_signature_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    unsigned = f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{encoded(issuer.claims(PARENT))}."

    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(unsigned))


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    for secret in (issuer.key.as_pem(private=False), json.dumps(issuer.key.as_dict(private=False)).encode()):
        head = encoded({"alg": "HS256", "typ": "at+jwt", "kid": issuer.key.kid})
        signed = f"{head}.{encoded(issuer.claims(PARENT))}"
        signature = urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).rstrip(b"=").decode()

        with pytest.raises(Unauthenticated):
            await tokens.caller(bearer(f"{signed}.{signature}"))


async def test_a_token_signed_by_somebody_else_is_refused(issuer: Issuer, tokens: Tokens, clock: MovableClock) -> None:
    stranger = Issuer(clock)
    claims = issuer.claims(PARENT)

    for forged in (stranger.sign(claims), stranger.sign(claims, header={"kid": issuer.key.kid})):
        with pytest.raises(Unauthenticated):
            await tokens.caller(bearer(forged))


async def test_a_token_that_brings_its_own_key_is_refused(issuer: Issuer, tokens: Tokens, clock: MovableClock) -> None:
    stranger = Issuer(clock)
    header = {"alg": "ES256", "typ": "at+jwt", "jwk": stranger.key.as_dict(private=False)}
    forged = jwt.encode(header, issuer.claims(PARENT), stranger.key)

    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(forged))


async def test_a_changed_claim_breaks_the_signature(issuer: Issuer, tokens: Tokens) -> None:
    head, _, signature = issuer.sign(issuer.claims(PARENT)).split(".")
    other = encoded(issuer.claims(Caller(account_id="acc_1", household_id="hsh_2")))

    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(f"{head}.{other}.{signature}"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"exp": "soon"},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_claim_is_refused(issuer: Issuer, tokens: Tokens, wrong: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**issuer.claims(PARENT), **wrong}.items() if value is not None}

    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(issuer.sign(claims)))


@pytest.mark.parametrize("kind", ["JWT", "id+jwt", "", "application/at+jwt"])
async def test_a_token_made_for_another_purpose_is_refused(issuer: Issuer, tokens: Tokens, kind: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(issuer.sign(issuer.claims(PARENT), header={"typ": kind})))


# --- time ----------------------------------------------------------------------------------------------------------


async def test_a_token_lives_to_its_last_second_and_not_one_longer(
    issuer: Issuer, tokens: Tokens, clock: MovableClock
) -> None:
    token = bearer(issuer.sign(issuer.claims(PARENT)))

    clock.move(issuer.lifetime - 1)
    assert await tokens.caller(token)
    clock.move(1)
    with pytest.raises(Unauthenticated):
        await tokens.caller(token)


async def test_a_token_expired_for_a_second_is_refused_by_who_never_saw_it(
    issuer: Issuer, tokens: Tokens, clock: MovableClock
) -> None:
    token = bearer(issuer.sign(issuer.claims(PARENT)))
    clock.move(issuer.lifetime + 1)

    with pytest.raises(Unauthenticated):
        await tokens.caller(token)


async def test_a_token_of_a_host_whose_clock_is_a_little_ahead_is_taken(
    issuer: Issuer, tokens: Tokens, clock: MovableClock
) -> None:
    token = bearer(issuer.sign(issuer.claims(PARENT)))
    clock.move(-3)

    assert await tokens.caller(token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_of_the_future_is_refused(
    issuer: Issuer, tokens: Tokens, clock: MovableClock, claim: str
) -> None:
    claims = {**issuer.claims(PARENT), claim: int(clock().timestamp()) + 60}

    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(issuer.sign(claims)))


# --- keys ----------------------------------------------------------------------------------------------------------


def rotate(issuer: Issuer) -> None:
    issuer.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


async def test_a_token_of_a_new_key_is_taken_once_the_keys_are_fetched_again(
    issuer: Issuer, tokens: Tokens, clock: MovableClock
) -> None:
    await tokens.caller(bearer(issuer.sign(issuer.claims(PARENT))))
    rotate(issuer)
    clock.move(REFETCH_SECONDS)

    assert await tokens.caller(bearer(issuer.sign(issuer.claims(PARENT))))


async def test_a_flood_of_forged_tokens_fetches_the_keys_once(issuer: Issuer, clock: MovableClock) -> None:
    fetched = 0
    good = bearer(issuer.sign(issuer.claims(PARENT)))
    stranger = Issuer(clock)

    async def counted(**_: Any) -> Any:
        nonlocal fetched
        fetched += 1

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(lambda *_: counted())
    trace.freeze()
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        verifier = Tokens(session, issuer.jwks_url, ISSUER, clock)
        await verifier.caller(good)
        for number in range(20):
            with pytest.raises(Unauthenticated):
                await verifier.caller(bearer(stranger.sign({**issuer.claims(PARENT), "jti": str(number)})))

    assert fetched == 1


async def test_an_unknown_key_id_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(issuer.sign(issuer.claims(PARENT), header={"kid": "nobody"})))


async def test_without_any_key_nobody_is_judged(issuer: Issuer, clock: MovableClock) -> None:
    token = bearer(issuer.sign(issuer.claims(PARENT)))
    async with aiohttp.ClientSession() as session:
        tokens = Tokens(session, "http://127.0.0.1:1/jwks", ISSUER, clock)

        with pytest.raises(Unavailable):
            await tokens.caller(token)


async def test_while_identity_is_away_good_tokens_pass_and_bad_ones_do_not(
    issuer: Issuer, tokens: Tokens, clock: MovableClock
) -> None:
    await tokens.caller(bearer(issuer.sign(issuer.claims(PARENT))))
    await issuer.server.close()
    clock.move(REFETCH_SECONDS)

    assert await tokens.caller(bearer(issuer.sign(issuer.claims(AGENT))))
    with pytest.raises(Unauthenticated):
        await tokens.caller(bearer(Issuer(clock).sign(issuer.claims(PARENT))))


def test_the_published_keys_hold_no_private_part(issuer: Issuer) -> None:
    (published,) = KeySet([issuer.key]).as_dict(private=False)["keys"]

    assert "d" not in published


# --- what a caller may ---------------------------------------------------------------------------------------------


def test_a_parent_has_a_household_and_an_agent_has_none() -> None:
    assert PARENT.household() == "hsh_1"
    with pytest.raises(Forbidden):
        AGENT.household()


def test_an_agent_has_a_role_in_a_town_and_only_there() -> None:
    assert AGENT.agent_of("sainte-aurore", Role.MANAGER) == "sainte-aurore"
    for town, role in (("sainte-aurore", Role.CASHIER), ("le-val-dore", Role.MANAGER), ("", Role.MANAGER)):
        with pytest.raises(Forbidden):
            AGENT.agent_of(town, role)


def test_asking_for_no_role_lets_nobody_in() -> None:
    with pytest.raises(Forbidden):
        AGENT.agent_of("sainte-aurore")
