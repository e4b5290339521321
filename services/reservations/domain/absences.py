"""What an absence costs, as data: when it is due though the child stayed away."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.reservations.domain.deadlines import Rule
from services.reservations.domain.written import WHOLE, Written
from shared.errors import N_

Length = Annotated[int, Field(ge=0, le=60), WHOLE]


class AbsenceQuota(Written):
    """So many free absences in each period, whatever their reason."""

    most: Annotated[int, Field(ge=1, le=100), WHOLE]
    per: Literal["month", "year"]


class AbsencePolicy(Written):
    """`justified`: whether a proven absence is free at all. The proof is due `proof_hours` after the absence began.

    `first_days_due`: so many days of each absence are due, the rest is free; `first_days_free`: so many are free, the
    rest is due. `minimum_days`: shorter absences are due whole. Days are counted as `counted_in` says.
    `report_until`: until when a family may say that the child will be away; on the day itself when left out.
    """

    justified: Literal["free", "due"] = "free"
    proof_hours: Annotated[int, Field(ge=0, le=24 * 60), WHOLE] = 48
    first_days_due: Length = 0
    first_days_free: Length | None = None
    minimum_days: Annotated[int, Field(ge=1, le=60), WHOLE] = 1
    counted_in: Literal["booked_days", "calendar_days"] = "booked_days"
    report_until: Rule | None = None
    quota: AbsenceQuota | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "AbsencePolicy":
        if self.first_days_due and self.first_days_free is not None:
            raise ValueError(N_("The first days of an absence are either due or free."))
        return self


ORDINARY_ABSENCES = AbsencePolicy()
