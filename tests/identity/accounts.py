"""What tests of accounts ask of the service, and the letters it writes."""

from typing import Any

from tests.identity.conftest import Door, bearer, read
from tests.identity.samples import PASSWORD

NADIA = "nadia.benali@messagerie.example"
NEW_PASSWORD = "sept nuages au-dessus du phare"
FORM = {
    "email": NADIA,
    "password": PASSWORD,
    "family_name": "Benali",
    "civility": "Mme",
    "first_name": "Nadia",
    "last_name": "Benali",
    "phone": "06 39 98 11 11",
    "secondary_phone": "02 61 91 33 33",
    "channels": ["inbox", "email", "sms"],
    "language": "fr",
}


async def letters(door: Door, kind: str = "") -> list[dict[str, Any]]:
    """Letters with links, oldest first, once whatever runs in the background is done."""
    await door.parts.errands.done()
    found = [one["data"] for one in await door.told("identity.link_issued.v1")]
    return [one for one in found if kind in ("", one["kind"])]


async def notices(door: Door) -> list[dict[str, Any]]:
    return [one["data"] for one in await door.told("identity.security_noticed.v1")]


async def put(door: Door, path: str, body: Any, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    return await read(door.client.put(f"/api/v1/{path}", json=body, headers=headers))


async def delete(door: Door, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    return await read(door.client.delete(f"/api/v1/{path}", headers=headers))


async def opened(door: Door, **changes: Any) -> dict[str, str]:
    """Request headers of somebody who opened an account by themselves and joined no town yet."""
    form = {**FORM, **changes}
    assert (await door.post("accounts", form))[0] == 202
    (letter,) = [one for one in await letters(door, "verify_account") if one["email"] == form["email"]]
    body = {"token": letter["token"], "password": form["password"]}
    status, session = await door.post("accounts/verification", body)
    assert status == 201, session
    return bearer(session)


async def signed_in(door: Door, email: str = NADIA, password: str = PASSWORD) -> tuple[int, Any]:
    return await door.post("sessions", {"email": email, "password": password})
