"""Invitations inside the documents of who is invited."""

from dataclasses import asdict

from services.identity.domain.invitations import Invitation
from shared.mongo import Document

INVITATION = {
    "bsonType": ["object", "null"],
    "required": ["id", "code_hash", "issued_at", "expires_at"],
    "properties": {
        "code_hash": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
        "typed_hash": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
        "issued_at": {"bsonType": "date"},
        "expires_at": {"bsonType": "date"},
    },
}


def invitation_fields(invitation: Invitation | None) -> Document | None:
    if invitation is None:
        return None
    fields = asdict(invitation)
    if not invitation.typed_hash:
        # An index keeps typed codes apart; what has none must not be in it.
        del fields["typed_hash"]
    return fields


def invitation_of(found: Document | None) -> Invitation | None:
    return Invitation(**found) if found else None
