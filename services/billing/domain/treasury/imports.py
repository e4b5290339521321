"""What one return of the Treasury did."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import N_, BadInput


class OtherOffice(BadInput):
    code = "treasury-return-of-another-office"
    title = N_("Return of another cash office")
    sentence = N_("This file is for the codes %(found)s, this cash office has %(own)s.")
    remedy = N_("Import it for the cash office it belongs to.")


@dataclass(frozen=True, kw_only=True)
class ImportedReturn:
    """`id` is made of the office and the content's hash. `fresh`: of what it says, how much was new.

    `unknown`: numbers of debts that are none of ours, as written in the file; each is a task.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    sha256: str
    imported_at: datetime
    imported_by: str
    said: int
    fresh: int = 0
    collected_cents: int = 0
    rejected: int = 0
    before_title: int = 0
    unknown: tuple[str, ...] = ()
    version: int = 1


def return_id(cash_office_id: str, sha256: str) -> str:
    return f"trr_{cash_office_id}_{sha256[:32]}"
