"""Address, phones and e-mail addresses of a household, changed by its guardians at once."""

from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.change_effects import household_changed
from services.identity.domain.contacts import Contact, with_contact
from services.identity.domain.guardians import writing_town
from services.identity.domain.households import Household
from services.identity.usecases.writes import Writes
from shared.clock import Clock
from shared.versions import check_version


class Accounts(Protocol):
    async def of_household(self, household_id: str) -> list[Account]: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


async def edit_contact(
    household_id: str,
    contact: Contact,
    if_match: str,
    *,
    households: Households,
    accounts: Accounts,
    writes: Writes,
    clock: Clock,
) -> Household:
    """The household as it is now. Raises `VersionMissing`, `VersionPassed`, `ContactUnfit`, `Conflict`."""
    household = await households.get(household_id)
    check_version(if_match, household.version)
    after, changed, told = with_contact(household, contact, await accounts.of_household(household_id))
    if after == household and not changed:
        return household
    town, now = writing_town(after), clock()
    events = [*told, household_changed(after, "contact"), after.profile_told()]
    first, *others = [*changed, None]
    await writes.save(at=now, municipality_id=town, household=(after, events), account=(first, []) if first else None)
    for account in others:
        if account:
            await writes.save(at=now, municipality_id=town, account=(account, []))
    return await households.get(household_id)
