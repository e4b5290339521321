"""The creditor: under which name and identifier a cash office debits, when, and with which file."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Schema = Literal["pain.008.001.02", "pain.008.001.08"]
USUAL_NOTICE_DAYS = 14
"""What the SEPA core rulebook asks for unless the parties agree on less."""
USUAL_LEAD_DAYS = 3
"""Settlement days the accountant and the bank want the file before the collection; the scheme itself asks for one."""


@dataclass(frozen=True, kw_only=True)
class Creditor:
    """`id`: the cash office's. `ics`: creditor identifier. `iban` is the town's own account, which it publishes.

    `notice_days`: from the announcement to the collection. `day_of_month`: 1 to 28, None: on the due date.
    `file_code`: the service's short name in the names of its files. `open`: families may sign mandates.
    """

    id: str
    municipality_id: str
    name: str
    ics: str
    iban: str
    bic: str
    siret: str
    file_code: str
    schema: Schema = "pain.008.001.02"
    notice_days: int = USUAL_NOTICE_DAYS
    lead_days: int = USUAL_LEAD_DAYS
    day_of_month: int | None = None
    open: bool = True
    version: int = 0


def file_name(creditor: Creditor, made_on: date, number: int) -> str:
    """What DGFiP has such files called: `RESTO-DFT-SDD-26335-001.xml` (day of the year, number of the day)."""
    return f"{creditor.file_code}-DFT-SDD-{made_on:%y%j}-{number:03d}.xml"
