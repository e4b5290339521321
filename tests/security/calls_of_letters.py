"""Calls about what letters say, and about addresses they do not reach."""

from collections.abc import Mapping
from datetime import UTC, datetime

from services.notifications.domain.signing import address_key
from tests.journeys.town import BOUNCE_SECRET, LETTER_KEY
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

ANY_VERSION = {"If_Match": "*"}
KIND = {"kind": "invoice"}
WORDS = {"fr": {"subject": "Votre facture {number}"}}
# Of no mail: the door answers as to a stranger, whoever asks.
REPORT = b"To: retours+aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaa@preau.example\r\n\r\nx"


async def _unreachable(world: World) -> str:
    """A mail to the owner's address came back."""
    key = address_key(LETTER_KEY, world.owner.email)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    trouble = {
        "household_id": world.owner.household_id,
        "guardian_id": "",
        "place": 1,
        "municipality_id": world.aurore.id,
        "municipality_ids": [world.aurore.id],
        "failures": [{"mail_id": "msg_1", "at": at, "status": "5.1.1"}],
        "since": at,
        "reason": "unknown_address",
        "version": 1,
        "outbox": [],
    }
    await world.preau.databases["notifications"]["troubled_addresses"].replace_one({"_id": key}, trouble, upsert=True)
    return key


async def _listed(world: World) -> Call:
    await _unreachable(world)
    return Call(query=TOWN)


async def _tried_again(world: World) -> Call:
    return Call(ids={"address_id": await _unreachable(world)}, query=TOWN, names=True)


LETTER_CALLS: Mapping[str, Make] = {
    "GET /api/v1/letter-templates": fixed(query=TOWN, names=True),
    "GET /api/v1/letter-templates/{kind}": fixed(ids=KIND, query=TOWN, names=True),
    "PUT /api/v1/letter-templates/{kind}": fixed(
        ids=KIND, body={**TOWN, "words": WORDS}, headers=ANY_VERSION, names=True
    ),
    "POST /api/v1/letter-templates/{kind}/restorations": fixed(
        ids=KIND, body={**TOWN, "version": 0}, headers=ANY_VERSION, names=True
    ),
    "POST /api/v1/letter-templates/{kind}/previews": fixed(ids=KIND, body=TOWN, names=True),
    "POST /api/v1/mail-bounces": fixed(
        content=REPORT, media="message/rfc822", headers={"Bounce_Secret": BOUNCE_SECRET}
    ),
    "GET /api/v1/unreachable-addresses": _listed,
    "DELETE /api/v1/unreachable-addresses/{address_id}": _tried_again,
}
