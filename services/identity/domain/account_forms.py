"""What somebody fills in to open a family account by themselves, before any town knows them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.households import Guardian, Household, NewId
from shared.errors import N_


class AddressTaken(AccountExists):
    """Said only to whoever followed a link sent to the address: nobody else learns it."""

    code = "address-taken"
    sentence = N_("An account uses this e-mail address already.")
    remedy = N_("Sign in with it; if you no longer know the password, choose a new one from the sign-in page.")


@dataclass(frozen=True, kw_only=True)
class AccountForm:
    """As typed; `email` in its normal form. `secondary_email` counts once it was confirmed."""

    email: str
    password: str = field(repr=False)
    family_name: str
    civility: str
    first_name: str
    last_name: str
    phone: str
    secondary_phone: str = ""
    secondary_email: str = ""
    channels: tuple[str, ...] = ("email", "inbox")
    language: str = "fr"

    def words(self) -> Iterator[str]:
        """What people who know the family would try as a password."""
        yield from (self.family_name, self.first_name, self.last_name, self.email)

    def facts(self, password_hash: str) -> dict[str, Any]:
        """What the link keeps until the address is confirmed: the password as a hash only."""
        kept = asdict(self)
        del kept["password"], kept["email"]
        return {**kept, "channels": list(self.channels), "password_hash": password_hash}


@dataclass(frozen=True, kw_only=True)
class OpenedAccount:
    """What a confirmed form makes: a household of no town yet, and the account of its first guardian."""

    household: Household
    account: Account


def open_account(email: str, facts: Mapping[str, Any], known: Account | None, *, new_id: NewId) -> OpenedAccount:
    """`known`: an account that waits for its owner at this address; it becomes the parent's too.

    Raises `AddressTaken`.
    """
    if known and known.active:
        raise AddressTaken()
    guardian = Guardian(
        id=new_id("grd"),
        civility=facts["civility"],
        first_name=facts["first_name"],
        last_name=facts["last_name"],
        email=email,
        phone=facts["phone"],
        secondary_phone=facts["secondary_phone"],
        language=facts["language"],
        channels=tuple(facts["channels"]),
    )
    household = Household(
        id=new_id("hsh"), name=facts["family_name"], address="", guardians=(guardian,), children=(), adhesions=()
    )
    blank = known or Account(
        id=new_id("acc"), email=email, first_name=guardian.first_name, last_name=guardian.last_name
    )
    account = replace(
        blank,
        household_id=household.id,
        guardian_id=guardian.id,
        phone=guardian.phone,
        language=guardian.language,
        channels=guardian.channels,
    )
    return OpenedAccount(household=household, account=account)
