"""What sites are told of a person, in the words of OpenID Connect."""

from collections.abc import Iterable
from typing import Any

from services.identity.domain.accounts import Account
from services.identity.domain.proofs import OTP, PASSKEY, PASSWORD, RECOVERY_CODE, is_strong

# RFC 8176. A recovery code serves once, like those of an app; signing in elsewhere has no word there.
WORDS = {PASSWORD: "pwd", OTP: "otp", RECOVERY_CODE: "otp", PASSKEY: "pop"}
MANY = "mfa"


def amr(methods: Iterable[str]) -> list[str]:
    """How the person proved who they are: `pwd`, `otp`, `pop` for a passkey, and `mfa` when that was strong."""
    methods = list(methods)
    words = {WORDS[method] for method in methods if method in WORDS}
    return sorted(words | {MANY} if is_strong(methods) else words)


def about(account: Account, scopes: Iterable[str]) -> dict[str, Any]:
    """The claims of these scopes; addresses are verified by the letter every account begins with."""
    scopes = frozenset(scopes)
    claims: dict[str, Any] = {"sub": account.id}
    if "profile" in scopes:
        claims |= {
            "name": account.name,
            "given_name": account.first_name,
            "family_name": account.last_name,
            "locale": account.language,
        }
    if "email" in scopes:
        claims |= {"email": account.email, "email_verified": True}
    if "phone" in scopes and account.phone:
        claims |= {"phone_number": account.phone, "phone_number_verified": False}
    return claims
