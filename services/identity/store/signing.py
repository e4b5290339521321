"""The keys access tokens are signed with: a private file, all of it published, its first key signing."""

import json
import os
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.auth import TOKEN_TYPE, Caller, claims_of
from shared.clock import Clock
from shared.ids import new_id

LIFETIME_SECONDS = 600


class SigningKeys:
    """Read from a JWK or a JWK set. To change keys: add the next one second, later put it first, then drop the old."""

    def __init__(self, path: Path) -> None:
        content = json.loads(path.read_text())
        self._keys = [ECKey.import_key(one) for one in content.get("keys", [content])]

    @property
    def signing(self) -> ECKey:
        return self._keys[0]

    def published(self) -> dict[str, Any]:
        """The public halves, as `/.well-known/jwks.json` gives them."""
        return {"keys": [key.as_dict(private=False, kid=_kid(key), alg="ES256", use="sig") for key in self._keys]}


class TokenSigner:
    lifetime = LIFETIME_SECONDS

    def __init__(self, keys: SigningKeys, issuer: str, clock: Clock) -> None:
        self._key = keys.signing
        self._issuer = issuer
        self._clock = clock

    def sign(self, caller: Caller) -> str:
        claims = claims_of(
            caller,
            issuer=self._issuer,
            issued_at=int(self._clock().timestamp()),
            lifetime=LIFETIME_SECONDS,
            token_id=new_id("tok"),
        )
        return jwt.encode({"alg": "ES256", "kid": _kid(self._key), "typ": TOKEN_TYPE}, claims, self._key)


def write_first_key(path: Path) -> bool:
    """Create the file, for its owner only, unless it is there; whether it was created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    with os.fdopen(handle, "w") as file:
        json.dump(KeySet([key]).as_dict(private=True), file)
    return True


def _kid(key: ECKey) -> str:
    return key.kid or key.thumbprint()
