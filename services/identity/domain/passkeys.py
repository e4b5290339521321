"""The passkey ceremonies (WebAuthn): what the browser is asked, and whether what comes back is right."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.domain.accounts import Account
from services.identity.domain.factors import Factors, Passkey
from services.identity.domain.proofs import PasskeyWrong

KNOWN_TRANSPORTS = frozenset({"usb", "nfc", "ble", "internal", "hybrid", "cable", "smart-card"})
MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class Site:
    """`rp_id`: the domain passkeys are made for; `origins`: the pages that may use them."""

    rp_id: str
    origins: tuple[str, ...]
    name: str = "Préau"

    def to_add(self, account: Account, factors: Factors, nonce: bytes) -> dict[str, Any]:
        """For `navigator.credentials.create`: a passkey that can be found without a name, behind a PIN or a finger."""
        options = generate_registration_options(
            rp_id=self.rp_id,
            rp_name=self.name,
            user_id=account.id.encode(),
            user_name=account.email,
            user_display_name=f"{account.first_name} {account.last_name}".strip() or account.email,
            challenge=nonce,
            exclude_credentials=_described(factors.passkeys),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        return _plain(options_to_json(options))

    def to_sign_in(self, nonce: bytes, passkeys: Sequence[Passkey] = ()) -> dict[str, Any]:
        """For `navigator.credentials.get`; without passkeys the browser offers those it has for this site."""
        options = generate_authentication_options(
            rp_id=self.rp_id,
            challenge=nonce,
            allow_credentials=_described(passkeys),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _plain(options_to_json(options))

    def added(self, credential: Mapping[str, Any], nonce: bytes, name: str, at: datetime) -> Passkey:
        """Raises `PasskeyWrong`."""
        try:
            made = verify_registration_response(
                credential=dict(credential),
                expected_challenge=nonce,
                expected_rp_id=self.rp_id,
                expected_origin=list(self.origins),
                require_user_verification=True,
            )
        except MALFORMED:
            raise PasskeyWrong() from None
        return Passkey(
            id=bytes_to_base64url(made.credential_id),
            name=name,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=_transports(credential),
            added_at=at,
        )

    def sign_count(self, credential: Mapping[str, Any], nonce: bytes, passkey: Passkey) -> int:
        """The count the passkey has now; one that goes back is a copy of it. Raises `PasskeyWrong`."""
        try:
            return verify_authentication_response(
                credential=dict(credential),
                expected_challenge=nonce,
                expected_rp_id=self.rp_id,
                expected_origin=list(self.origins),
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            ).new_sign_count
        except MALFORMED:
            raise PasskeyWrong() from None


def credential_id(credential: Mapping[str, Any]) -> str:
    """In the one spelling it is kept in. Raises `PasskeyWrong`."""
    try:
        return bytes_to_base64url(base64url_to_bytes(credential["rawId"]))
    except MALFORMED:
        raise PasskeyWrong() from None


def signed_nonce(credential: Mapping[str, Any]) -> bytes:
    """The challenge a browser says it answered; whether it was ours is for whoever kept it. Raises `PasskeyWrong`."""
    try:
        client = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(client["challenge"])
    except MALFORMED:
        raise PasskeyWrong() from None


def _described(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in passkeys]


def _transports(credential: Mapping[str, Any]) -> tuple[str, ...]:
    said = credential.get("response", {}).get("transports", ())
    return tuple(sorted(KNOWN_TRANSPORTS.intersection(one for one in said if isinstance(one, str))))


def _plain(options: str) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(options)
    return written
