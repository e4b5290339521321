"""The port through which use cases keep secrets unreadable at rest; `app/secrets.py` is what stands behind it."""

from typing import Protocol

from shared.errors import N_, Refused


class NoSecretsKey(Refused):
    code = "no-secrets-key"
    title = N_("Secrets cannot be kept")
    sentence = N_("This installation has no key to keep bank details and credentials unreadable.")
    remedy = N_("Ask who operates it to set BILLING_SECRETS_KEY.")


class Unsealable(Exception):
    """Sealed under a key this installation no longer has, for something else, or changed since."""


class Secrets(Protocol):
    """Seals and opens short texts. `purpose` names what the text belongs to, such as `mandate/mdt_1/iban`."""

    def seal(self, text: str, purpose: str) -> str:
        """Raises `NoSecretsKey`."""

    def open(self, sealed: str, purpose: str) -> str:
        """Raises `Unsealable`."""

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed under the key of today; what is not may be sealed anew."""
