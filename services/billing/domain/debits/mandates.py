"""Mandates: a family lets a cash office debit its account, until it revokes this or nothing was debited for 36 months.

Rulebook of the SEPA core scheme (EPC016-06) and domain.md 3.7. Nothing of a signed mandate is edited: its account may
change under the same reference, which the next file says, and it ends.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.billing.domain.debits.accounts import Account
from services.billing.domain.debits.reasons import reason_of
from services.billing.domain.debits.refusals import MandateEnded, MandateLapsed, SignedTooLate

MandateKind = Literal["recurrent", "one_off"]
MandateState = Literal["active", "suspended", "revoked", "lapsed", "closed"]
"""`suspended`: the bank refuses this account until it changes. `closed`: its last debit was collected."""
SignedHow = Literal["online", "paper"]
Sequence = Literal["FRST", "RCUR", "FNAL", "OOFF"]
LAPSES_AFTER_MONTHS = 36
MONTHS = 12
BEGINNING: frozenset[Sequence] = frozenset({"FRST", "OOFF"})
"""Sent back before they were settled, they are still to come."""
# Two in a row without money on the account: the third would only cost the family fees.
REJECTIONS_BEFORE_SUSPENSION = 2


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """`rum`: its unique reference. `iban`: sealed for `mandate/<id>/iban`; `account_shown`: what may be shown of it.

    `holder`: the name on the account, personal data. `text_version`: of the text consented to, empty on paper;
    `notice_days`: what it promised, whatever the cash office sets later.
    `used`: a first debit went out under it, so that the next ones are recurrent. `presented_on`: collection day of
    the last debit sent to the bank, whatever became of it. `last`: the next debit is its last.
    `account_changed`: since the last file. `rejections`: in a row. `flag`: the bank's last reason code, told of the
    debit `flagged_by`.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    rum: str
    kind: MandateKind = "recurrent"
    state: MandateState = "active"
    holder: str
    iban: str
    account_shown: str
    bic: str = ""
    bank: str = ""
    signed_on: date
    signed_how: SignedHow
    signed_by: str
    text_version: str = ""
    notice_days: int = 1
    used: bool = False
    presented_on: date | None = None
    last: bool = False
    account_changed: bool = False
    rejections: int = 0
    flag: str = ""
    flagged_at: datetime | None = None
    flagged_by: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""
    version: int = 0

    @property
    def in_force(self) -> bool:
        """Nothing ended it; a suspended one waits for another account."""
        return self.state in ("active", "suspended")


class MandateExists(Exception):
    """The household has one in force for the cash office, or another one bears the reference."""


def reference_of(mandate_id: str) -> str:
    """A reference for a mandate signed here: 30 letters and digits, of the 35 there may be."""
    digits = mandate_id.removeprefix("mdt_").upper()
    return f"M{digits[:12]}{digits[13:30]}"


def purpose_of(mandate_id: str) -> str:
    """What the account number is sealed for."""
    return f"mandate/{mandate_id}/iban"


def months_after(day: date, months: int) -> date:
    """The same day so many months later; one the month does not have becomes the first of the next."""
    year, month = divmod(day.month - 1 + months, MONTHS)
    try:
        return day.replace(year=day.year + year, month=month + 1)
    except ValueError:
        return months_after(day.replace(day=1), months + 1)


def lapses_on(mandate: Mandate) -> date:
    """The first day on which nothing may be collected under it any more."""
    return months_after(mandate.presented_on or mandate.signed_on, LAPSES_AFTER_MONTHS)


def check_collectable(mandate: Mandate, day: date) -> None:
    """Whether a debit may be collected under it that day. Raises `MandateEnded`, `MandateLapsed`."""
    if mandate.state == "lapsed" or (mandate.in_force and day >= lapses_on(mandate)):
        raise MandateLapsed(rum=mandate.rum, day=lapses_on(mandate))
    if mandate.state != "active":
        raise MandateEnded(rum=mandate.rum)


def is_collectable(mandate: Mandate, day: date) -> bool:
    try:
        check_collectable(mandate, day)
    except (MandateEnded, MandateLapsed):
        return False
    return True


def check_signature(signed_on: date, last_collected_on: date | None, today: date) -> None:
    """Of a mandate typed from paper: not of tomorrow, and not lapsed. Raises `SignedTooLate`."""
    if signed_on > today or (last_collected_on and not signed_on <= last_collected_on <= today):
        raise SignedTooLate()
    if months_after(last_collected_on or signed_on, LAPSES_AFTER_MONTHS) <= today:
        raise SignedTooLate()


def sequence_of(mandate: Mandate) -> Sequence:
    """What the next debit under it is to the bank."""
    if mandate.kind == "one_off":
        return "OOFF"
    if mandate.last:
        return "FNAL"
    return "RCUR" if mandate.used else "FRST"


def presented(mandate: Mandate, collect_on: date) -> Mandate:
    """A debit under it went to the bank; the file told a changed account."""
    later = max(mandate.presented_on or collect_on, collect_on)
    return replace(mandate, used=True, presented_on=later, account_changed=False)


def collected(mandate: Mandate, sequence: Sequence, now: datetime) -> Mandate:
    """Money came; the last debit, and the only one, close it."""
    mandate = replace(mandate, rejections=0, flag="", flagged_at=None)
    if sequence in ("FNAL", "OOFF") and mandate.in_force:
        return ended(mandate, "closed", by="", now=now)
    return mandate


def taken_back(mandate: Mandate, sequence: Sequence, *, before: date | None, amended: bool) -> Mandate:
    """A debit under it never went to the bank after all: the first, and the change it told, are still to come.

    `before`: the collection day of the last one sent before it.
    """
    used = mandate.used and sequence not in BEGINNING
    return replace(mandate, used=used, presented_on=before, account_changed=mandate.account_changed or amended)


def refused(mandate: Mandate, code: str, debit_id: str, *, first_is_to_come: bool, now: datetime) -> Mandate:
    """The bank refused a debit under it; itself when that was counted before.

    `first_is_to_come`: the first debit was refused before it was settled, so that the next one is the first.
    """
    if mandate.flagged_by == debit_id:
        return mandate
    effect, count = reason_of(code).effect, mandate.rejections + 1
    mandate = replace(
        mandate,
        used=mandate.used and not first_is_to_come,
        rejections=count,
        flag=code,
        flagged_at=now,
        flagged_by=debit_id,
    )
    if effect == "revoke":
        return ended(mandate, "revoked", by=f"bank/{code}", now=now)
    if mandate.in_force and (effect == "suspend" or count >= REJECTIONS_BEFORE_SUSPENSION):
        return replace(mandate, state="suspended")
    return mandate


def changed_account(mandate: Mandate, account: Account, sealed: str, holder: str) -> Mandate:
    """The same mandate on another account: also what ends a suspension. Raises `MandateEnded`."""
    if not mandate.in_force:
        raise MandateEnded(rum=mandate.rum)
    return replace(
        mandate,
        state="active",
        holder=holder,
        iban=sealed,
        account_shown=account.shown,
        bic=account.bic,
        bank=account.bank,
        # Before the first file there is nothing to be changed from, as far as the bank knows.
        account_changed=mandate.used,
        rejections=0,
        flag="",
        flagged_at=None,
    )


def last_debit(mandate: Mandate, last: bool) -> Mandate:
    """Its next debit is the last one, or not; itself when nothing changes. Raises `MandateEnded`."""
    if not mandate.in_force:
        raise MandateEnded(rum=mandate.rum)
    return mandate if mandate.last == last else replace(mandate, last=last)


def ended(mandate: Mandate, state: MandateState, *, by: str, now: datetime) -> Mandate:
    """Itself when it had ended before."""
    if not mandate.in_force:
        return mandate
    return replace(mandate, state=state, ended_at=now, ended_by=by)
