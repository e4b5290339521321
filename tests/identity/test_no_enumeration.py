"""Nothing tells a stranger whether an address has an account: same status, same words, same headers, same work.

Time follows from the work: the same questions to the database in the same order, the same slow hash. What differs
(which letter is written) happens after the answer.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.identity.http.parts import Errands
from tests.identity.accounts import FORM, NADIA, NEW_PASSWORD, opened
from tests.identity.conftest import Door
from tests.identity.samples import JEANNE, MAIL, PASSWORD

NOBODY = "personne.encore@messagerie.example"
Ask = Callable[[Door, str], Awaitable[Any]]


async def answer(door: Door, path: str, body: dict[str, Any]) -> tuple[int, str, dict[str, str]]:
    """Everything of it but what is of this one request."""
    async with door.client.post(f"/api/v1/{path}", json=body) as response:
        headers = {
            name: value for name, value in response.headers.items() if name.lower() not in ("date", "x-request-id")
        }
        return response.status, await response.text(), headers


ASKED: dict[str, Ask] = {
    "sign in": lambda door, email: answer(door, "sessions", {"email": email, "password": NEW_PASSWORD}),
    "open an account": lambda door, email: answer(door, "accounts", {**FORM, "email": email}),
    "open an account with a weak password": lambda door, email: answer(
        door, "accounts", {**FORM, "email": email, "password": "motdepasse123"}
    ),
    "forgotten password": lambda door, email: answer(door, "password-resets", {"email": email}),
    "ask for a code again": lambda door, email: answer(door, "invitations/renewal", {"email": email}),
    "look a code up": lambda door, email: answer(door, "invitations/lookup", {"code": "ZZZZZZZZZ9", "email": email}),
    "register with a code": lambda door, email: answer(
        door,
        "registrations",
        {
            "code": "ZZZZZZZZZ9",
            "email": email,
            "password": PASSWORD,
            "family_name": "Benali",
            "guardians": [{"civility": "Mme", "first_name": "Nadia", "last_name": "Benali"}],
            "children": [],
        },
    ),
    "register as a guardian": lambda door, email: answer(
        door, "guardian-registrations", {"code": "ZZZZZZZZZ9", "email": email, "password": PASSWORD}
    ),
    "register as an agent": lambda door, email: answer(
        door, "agent-registrations", {"code": "ZZZZZZZZZ9", "email": email, "password": PASSWORD}
    ),
}


class Later(Errands):
    """Keeps what would run after the answer, and does not run it."""

    def start(self, name: str, work: Any) -> None:
        work.close()


@pytest.fixture
async def answering(door: Door) -> Door:
    """Nadia has an account, Claire an invitation; only what happens before an answer happens at all."""
    await opened(door)
    await door.invited(JEANNE)
    object.__setattr__(door.parts, "errands", Later())
    return door


@pytest.mark.parametrize("what", ASKED)
async def test_a_known_and_an_unknown_address_are_answered_alike(answering: Door, what: str) -> None:
    answers = [await ASKED[what](answering, email) for email in (NOBODY, NADIA, MAIL)]

    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("what", ASKED)
async def test_a_known_and_an_unknown_address_cost_the_same_work(answering: Door, what: str) -> None:
    works = [await work_of(answering, what, email) for email in (NOBODY, NADIA, MAIL)]

    assert works[0] == works[1] == works[2]
    assert works[0] or "weak" in what


async def work_of(door: Door, what: str, email: str) -> list[str]:
    """What the database was asked until the answer, in order, and how many slow hashes were made."""
    hashes: list[str] = []
    matches = door.parts.hashes.matches

    async def counted(kept: str, password: str) -> bool:
        hashes.append("hash")
        return await matches(kept, password)

    door.parts.hashes.matches = counted  # type: ignore[method-assign]  # to count, not to replace
    await door.db["system.profile"].drop()
    await door.db.command("profile", 2)
    try:
        await ASKED[what](door, email)
    finally:
        await door.db.command("profile", 0)
        door.parts.hashes.matches = matches  # type: ignore[method-assign]  # as it was
    seen = door.db["system.profile"].find({"ns": {"$not": {"$regex": r"system\\."}}}, sort=[("$natural", 1)])
    done = [f"{one['op']} {one['ns'].split('.', 1)[1]}" async for one in seen if one["op"] != "killcursors"]
    return [*done, *hashes]
