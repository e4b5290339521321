"""One log-in: the CPU it costs all servers, of it the password's hash, and what checking its token costs afterwards."""

import itertools
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from benchmarks.load import Outcome, Shot, closed_loop, cpu_seconds, idle_share
from benchmarks.system import System
from deploy.local.installation import of_running
from deploy.local.logins import DemoLogin, kept_in
from services.identity.store.hashes import password_hasher
from shared.auth import Tokens
from shared.clock import system_clock

CLIENTS = 2
LOG_INS = 300
WARM_UP = 30
HASHES = 20
# A service meets a token again and again for ten minutes: read once, then recognised.
AGAIN = 5_000


@dataclass(frozen=True)
class LogIn:
    """Milliseconds of CPU; `outcome`: as the clients saw it. `first`, `again`: a token never and already met."""

    outcome: Outcome
    server_ms: float
    hash_ms: float
    first_ms: float
    again_ms: float


async def measure(system: System, http: aiohttp.ClientSession) -> LogIn:
    place, _ = of_running(system.running)
    family = next(login for login in kept_in(place.data) or [] if login.role == "guardian")
    tokens: list[str] = []
    shots = _sign_ins(system, http, family, tokens)
    await closed_loop(itertools.islice(shots, WARM_UP), CLIENTS)
    processes = system.processes()
    involved = [processes[name] for name in ("gateway", "identity", "database")]
    idle = await idle_share(involved)
    before = cpu_seconds(involved)
    outcome = await closed_loop(itertools.islice(shots, LOG_INS), CLIENTS)
    server = (cpu_seconds(involved) - before - idle * outcome.seconds) * 1000 / LOG_INS
    first, again = await _checks(http, f"{system.gateway}/.well-known/jwks.json", tokens)
    return LogIn(outcome, server, _hash(family.password), first, again)


def _sign_ins(system: System, http: aiohttp.ClientSession, login: DemoLogin, tokens: list[str]) -> Iterator[Shot]:
    async def shoot() -> int:
        body = {"email": login.email, "password": login.password}
        async with http.post(f"{system.gateway}/api/v1/sessions", json=body) as answer:
            tokens.append((await answer.json())["access_token"])
            return answer.status

    return itertools.repeat(shoot)


def _hash(password: str) -> float:
    """Of the thread that hashes, under the parameters of identity."""
    hasher = password_hasher()
    kept = hasher.hash(password)
    started = time.thread_time()
    for _ in range(HASHES):
        hasher.verify(kept, password)
    return (time.thread_time() - started) * 1000 / HASHES


async def _checks(http: aiohttp.ClientSession, jwks_url: str, tokens: list[str]) -> tuple[float, float]:
    """As the gateway and every service check: the same code."""
    issuer = _issuer_named_in(tokens[0])
    checking = Tokens(http, jwks_url, issuer, system_clock)
    await checking.caller(f"Bearer {tokens[0]}")
    fresh = tokens[1:]
    first = await _each(checking, fresh)
    again = await _each(checking, fresh[-1:] * AGAIN)
    return first, again


async def _each(checking: Tokens, tokens: list[str]) -> float:
    started = time.thread_time()
    for token in tokens:
        await checking.caller(f"Bearer {token}")
    return (time.thread_time() - started) * 1000 / len(tokens)


def _issuer_named_in(token: str) -> str:
    body = token.split(".")[1]
    return str(json.loads(urlsafe_b64decode(f"{body}=="))["iss"])


def section(log_in: LogIn) -> list[str]:
    """As docs/benchmarks.md says it."""
    outcome = log_in.outcome
    failed = sum(count for status, count in outcome.statuses.items() if status != 201)
    return [
        "## One log-in",
        "",
        f"{len(outcome.latencies)} log-ins of a family with e-mail and password through the gateway, {CLIENTS} at a "
        f"time, {failed} not answered 201. CPU of gateway, identity and database together, less what they use when "
        "idle; that of the hash in the thread that computes it; that of a token's check, by the code the gateway and "
        "every service share.",
        "",
        "| what | CPU ms | to reach |",
        "|---|---|---|",
        f"| log-in, end to end | **{log_in.server_ms:.1f}** | at most 25 |",
        f"| of which the password's hash | {log_in.hash_ms:.1f} | 18 |",
        f"| checking a token never met before | **{log_in.first_ms:.3f}** | under 0.2 |",
        f"| checking one already met | {log_in.again_ms:.4f} | |",
        "",
        f"p50 {outcome.median:.1f} ms, p99 {outcome.quantile(0.99):.1f} ms as the clients saw it.",
        "",
    ]
