"""Drawing activation codes."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from services.identity.domain.invitations import ALPHABET, CODE_LENGTH, Issuance
from shared.clock import Clock
from shared.ids import new_id


@dataclass(frozen=True)
class Codes:
    """`lifetime`: how long a code can be used."""

    lifetime: timedelta
    clock: Clock

    def issue(self) -> Issuance:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        return Issuance(invitation_id=new_id("ivt"), code=code, at=self.clock(), lifetime=self.lifetime)
