"""The tariff file of a town, whole, and its JSON Schema for those who write it by hand."""

from functools import cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.billing.domain.tariffs import CashOffice
from services.billing.http.tariffs.grid_file import Code, GridFile, named
from shared.web import Body, Int

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class CashOfficeFile(Body):
    id: Code
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    payfip_client: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None
    structure_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    programmes: Annotated[list[Code], Field(max_length=200)]
    payment_days: Annotated[Int, Field(ge=1, le=365)]

    def rule(self, municipality_id: str) -> CashOffice:
        return CashOffice(
            id=f"{municipality_id}.{self.id}",
            name=self.name,
            payfip_client=self.payfip_client,
            structure_id=self.structure_id,
            programmes=named(municipality_id, self.programmes),
            payment_days=self.payment_days,
        )


class TariffFile(Body):
    """What it leaves out stays as it is: offices replace their namesakes, grids add versions."""

    cash_offices: Annotated[list[CashOfficeFile], Field(max_length=100, default_factory=list)]
    grids: Annotated[list[GridFile], Field(max_length=500, default_factory=list)]


@cache
def tariff_schema() -> dict[str, Any]:
    return {"$schema": DIALECT, **TariffFile.model_json_schema(by_alias=True), "title": "Tariff of a town"}
