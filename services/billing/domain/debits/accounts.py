"""Bank account numbers, and who may debit them: read as people write them, checked as banks do."""

from dataclasses import dataclass

from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.eu import at_02
from stdnum.exceptions import ValidationError
from stdnum.fr import siret as sirets

from shared.errors import N_, BadInput, Said

# The countries one can be debited in by the SEPA core scheme (EPC409-09), by the first letters of their IBANs.
CODES = "ADALATBEBGCHCYCZDEDKEEESFIFRGBGIGRHRHUIEISITLILTLULVMCMDMEMKMTNLNOPLPTRORSSESISKSMVA"
SEPA = frozenset(CODES[at : at + 2] for at in range(0, len(CODES), 2))
LONGEST = 60
SHOWN_DIGITS = 4


class AccountWrong(BadInput):
    code = "account-wrong"
    title = N_("Account number wrong")
    sentence = N_("This is not the number (IBAN) of an account that can be debited: %(why)s")
    remedy = N_("Copy the IBAN from your bank's statement of account details, spaces do not matter.")

    def __init__(self, why: str) -> None:
        super().__init__([{"in": "body", "field": "iban", "message": why, "facts": {}}], why=Said(msgid=why))


@dataclass(frozen=True, kw_only=True)
class Account:
    """`iban` compact. `bic` is empty, as `bank`, where no list names the bank: SEPA does without since 2016."""

    iban: str
    bic: str = ""
    bank: str = ""

    @property
    def shown(self) -> str:
        """What may be shown of it: `FR•• •••• 7890`."""
        return masked(self.iban)


def masked(iban: str) -> str:
    return f"{iban[:2]}•• •••• {iban[-SHOWN_DIGITS:]}"


def account_of(written: str) -> Account:
    """The account somebody wrote down. Raises `AccountWrong`."""
    # Copied from a PDF, its groups stand apart by no-break spaces.
    written = "".join(written[: 2 * LONGEST].split())
    if len(written) > LONGEST or not written.isascii():
        raise AccountWrong(N_("It is too long or holds characters no IBAN has."))
    try:
        # The national check digits too where the country has some, as a French RIB key.
        iban = ibans.validate(written)
    except (ValidationError, ValueError):
        raise AccountWrong(N_("Its check digits do not fit: a character is wrong or missing.")) from None
    if iban[:2] not in SEPA:
        raise AccountWrong(N_("Its country takes no part in SEPA direct debits."))
    bic, bank = _bank_of(iban)
    return Account(iban=iban, bic=bic, bank=bank)


def _bank_of(iban: str) -> tuple[str, str]:
    # Its registry of banks takes as long to load as a hundred payments: only who checks an account needs it.
    from schwifty import IBAN

    try:
        found = IBAN(iban)
        return str(found.bic or ""), found.bank_name or ""
    except ValueError:
        return "", ""


def is_bic(written: str) -> bool:
    return bool(bics.is_valid(written))


def is_ics(written: str) -> bool:
    """Whether it is a creditor identifier (in France identifiant créancier SEPA) with the right check digits."""
    # Its national part is 1 to 28 long; a French one has thirteen characters in all.
    compact = at_02.compact(written)
    if not compact.isalnum() or not compact[:2].isalpha() or len(compact) < SHORTEST_ICS:
        return False
    if compact.startswith("FR") and len(compact) != FRENCH_ICS:
        return False
    return len(compact) <= LONGEST_ICS and bool(at_02.is_valid(compact))


FRENCH_ICS, SHORTEST_ICS, LONGEST_ICS = 13, 8, 35


def is_siret(written: str) -> bool:
    return bool(sirets.is_valid(written))
