"""Where a mail comes back to: an address of its own for each, so that a bounce needs no reading to know its mail.

`retours+<reference>.<proof>@…`: the proof keeps strangers from making up bounces of mails they never got.
"""

import re
from dataclasses import dataclass

from services.notifications.domain.signing import address_key, fingerprint, is_signed, sign

TAG = re.compile(r"\+([a-z2-7]{16})\.([a-z2-7]{16})@", re.IGNORECASE)
PURPOSE = "bounce"


@dataclass(frozen=True, kw_only=True)
class ReturnPaths:
    """`address`: the mailbox whose `+` addresses lead to `POST /api/v1/mail-bounces`; without it or without `key`
    mails have none, and nothing is learned from what comes back.
    """

    address: str = ""
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.address and self.key)

    def of(self, mail_id: str) -> str:
        """Empty when there are none."""
        if not self:
            return ""
        local, _, domain = self.address.rpartition("@")
        reference = self.reference(mail_id)
        return f"{local}+{reference}.{sign(self.key, PURPOSE, reference)}@{domain}"

    def reference(self, mail_id: str) -> str:
        """What the mail is found by again."""
        return fingerprint(mail_id)

    def address_key(self, address: str) -> str:
        """What the mail's address is known by once it is forgotten; empty when there are no return paths."""
        return address_key(self.key, address) if self else ""

    def reference_in(self, text: str) -> str:
        """Of the first address in the text that is one of ours; empty when none is."""
        for found in TAG.finditer(text) if self else ():
            reference, proof = found[1].lower(), found[2]
            if is_signed(self.key, PURPOSE, reference, proof):
                return reference
        return ""


NO_RETURNS = ReturnPaths()
