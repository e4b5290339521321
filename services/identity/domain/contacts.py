"""How a household is reached: what guardians change themselves, at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.identity.domain.accounts import Account
from services.identity.domain.guardians import guardian_of
from services.identity.domain.households import Guardian, Household
from shared.contracts.households import GuardianChanged
from shared.errors import N_, BadInput

OWN_ADDRESS = N_("This guardian signs in with this address and changes it in their own account.")
NO_GUARDIAN = N_("This guardian is not of your household.")


class ContactUnfit(BadInput):
    code = "contact-unfit"
    title = N_("This cannot be changed so")
    sentence = N_("Some of what you wrote cannot be changed here; see the fields.")
    remedy = N_("Leave those fields as they were.")


@dataclass(frozen=True, kw_only=True)
class GuardianContact:
    """`email` None: left as it is."""

    guardian_id: str
    phone: str
    secondary_phone: str
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contact:
    address: str
    guardians: tuple[GuardianContact, ...]


def with_contact(
    household: Household, contact: Contact, accounts: Sequence[Account]
) -> tuple[Household, list[Account], list[GuardianChanged]]:
    """The household, the accounts whose phone goes with it, and who is different. `accounts`: the household's.

    Raises `ContactUnfit`: an address somebody signs in with is proved by a letter to the new one.
    """
    signing_in = {guardian_of(one, household).id: one for one in accounts if one.active}
    errors: list[dict[str, object]] = []
    after, told, changed = replace(household, address=contact.address), [], []
    for at, asked in enumerate(contact.guardians):
        guardian = household.guardian(asked.guardian_id)
        if guardian is None:
            errors.append(_error(f"guardians.{at}.guardian_id", NO_GUARDIAN))
            continue
        account = signing_in.get(guardian.id)
        reached = _reached(guardian, asked)
        if account and reached.email != guardian.email:
            errors.append(_error(f"guardians.{at}.email", OWN_ADDRESS))
        if account and account.phone != reached.phone:
            changed.append(replace(account, phone=reached.phone))
        if reached != guardian:
            after = after.with_guardian(reached)
            told.append(GuardianChanged(household_id=household.id, guardian_id=guardian.id, change="contact"))
    if errors:
        raise ContactUnfit(errors)
    return after, changed, told


def _reached(guardian: Guardian, asked: GuardianContact) -> Guardian:
    email = guardian.email if asked.email is None else asked.email
    return replace(guardian, phone=asked.phone, secondary_phone=asked.secondary_phone, email=email)


def _error(field: str, message: str) -> dict[str, object]:
    return {"in": "body", "field": field, "message": message, "facts": {}}
