"""Tokens nobody should believe, most of them signed with the very key of identity."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.journeys.people import Family
from tests.journeys.town import Preau

Claims = dict[str, Any]
HOUR = 3600


def signing_key(preau: Preau) -> ECKey:
    """What identity signs with."""
    told = json.loads(Path(preau.tables["identity"]["IDENTITY_SIGNING_KEY_FILE"]).read_text())
    return ECKey.import_key(told["keys"][0] if "keys" in told else told)


async def claims_of(family: Family) -> Claims:
    """Those of a token that is believed."""
    return dict(json.loads(_decoded((await family.access_token()).split(".")[1])))


async def header_of(family: Family) -> dict[str, Any]:
    return dict(json.loads(_decoded((await family.access_token()).split(".")[0])))


async def expired(preau: Preau, family: Family) -> str:
    """A good token, one second after its end."""
    now = int(preau.clock().timestamp())
    claims = {**await claims_of(family), "iat": now - 601, "nbf": now - 601, "exp": now - 1}
    return sign(preau, await header_of(family), claims)


def sign(preau: Preau, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    return jwt.encode(dict(header), dict(claims), signing_key(preau))


async def forged(preau: Preau, family: Family) -> dict[str, str]:
    """By what is wrong with them."""
    header, claims, now = await header_of(family), await claims_of(family), int(preau.clock().timestamp())
    good = await family.access_token()
    head, body, signature = good.split(".")
    own = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": header["kid"]})
    public = json.dumps(signing_key(preau).as_dict(private=False)).encode()

    def signed(change: Claims, *without: str, **of_header: Any) -> str:
        kept = {name: value for name, value in {**claims, **change}.items() if name not in without}
        return sign(preau, {**header, **of_header}, kept)

    return {
        "no algorithm": f"{_part({**header, 'alg': 'none'})}.{body}.",
        "no algorithm, with a signature": f"{_part({**header, 'alg': 'none'})}.{body}.{signature}",
        "the public key as a shared secret": _hmac(_part({**header, "alg": "HS256"}), body, public),
        "an empty shared secret": _hmac(_part({**header, "alg": "HS256"}), body, b""),
        "another curve": f"{_part({**header, 'alg': 'ES384'})}.{body}.{signature}",
        "another key under the same name": jwt.encode(header, claims, own),
        "another key, sent along": jwt.encode({**header, "jwk": own.as_dict(private=False)}, claims, own),
        "another key, at an address": jwt.encode({**header, "jku": f"{preau.urls['gateway']}/jwks"}, claims, own),
        "another key, in a certificate": jwt.encode({**header, "x5u": f"{preau.urls['gateway']}/x"}, claims, own),
        "an unknown key": jwt.encode({**header, "kid": "another"}, claims, own),
        "a key that is a path": jwt.encode({**header, "kid": "../../../dev/null"}, claims, own),
        "another body": f"{head}.{_part({**claims, 'household': 'hsh_other'})}.{signature}",
        "another head": f"{_part({**header, 'x': 1})}.{body}.{signature}",
        "a signature cut short": f"{head}.{body}.{signature[:-4]}",
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "no token": "not-a-token",
        "another kind of token": signed({}, typ="JWT"),
        "an identity token": signed({}, typ="id_token"),
        "a logout token": signed({}, typ="logout+jwt"),
        "a token for userinfo alone": signed({"aud": [f"{preau.urls['gateway']}/oauth/userinfo"]}),
        "another audience": signed({"aud": "somebody-else"}),
        "another issuer": signed({"iss": "https://identite.example"}),
        "no audience": signed({}, "aud"),
        "no issuer": signed({}, "iss"),
        "no end": signed({}, "exp"),
        "no beginning": signed({}, "iat"),
        "nobody": signed({}, "sub"),
        "expired a second ago": await expired(preau, family),
        "not valid before an hour": signed({"nbf": now + HOUR, "exp": now + 2 * HOUR}),
        "issued in an hour": signed({"iat": now + HOUR, "exp": now + 2 * HOUR}),
        "an end that is a word": signed({"exp": "tomorrow"}),
    }


def _part(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _hmac(head: str, body: str, secret: bytes) -> str:
    digest = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
