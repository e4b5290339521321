"""A family's quotient, read off the proof it sent by the agent who accepts the request."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.requests.domain.refusals import EffectIncomplete, FieldError, field_error
from shared.contracts.requests import QuotientAccepted
from shared.errors import N_

VALUE = re.compile(r"[0-9]{1,6}([.][0-9]{1,2})?")
PROOFS = ("caf", "msa", "tax_notice", "other")


def quotient_accepted(
    ids: Mapping[str, str], given: Mapping[str, str], filed_at: datetime, zone: ZoneInfo
) -> QuotientAccepted:
    """What the agent read: `value`, and of what kind the proof is. It reached the town the day it was filed.

    Raises `EffectIncomplete`.
    """
    said: dict[str, Any] = {"proof": "other", **given}
    errors = list[FieldError]()
    if not VALUE.fullmatch(said.get("value", "")):
        message = N_("Give the quotient in euros, with at most two decimals, such as 622.50.")
        errors.append(field_error("body", "effect.facts.value", message))
    if said["proof"] not in PROOFS:
        errors.append(
            field_error("body", "effect.facts.proof", N_("Say what proves it: caf, msa, tax_notice or other."))
        )
    for name in sorted(said.keys() - {"value", "proof"}):
        message = N_("“%(name)s” is nothing this effect knows.")
        errors.append(field_error("body", f"effect.facts.{name}", message, name=name))
    if errors:
        raise EffectIncomplete(errors)
    received_on = filed_at.astimezone(zone).date()
    return QuotientAccepted.model_validate({**ids, **said, "received_on": received_on})
