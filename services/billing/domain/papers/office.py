"""What a cash office's papers say of it beside its tariff: who sells, where transfers go, what is childcare."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OfficePapers:
    """`id`: the cash office's. `seller`: the legal name on papers, the town's name when empty.

    `iban`, `bic`, `holder`: the account transfers are asked for, none when `iban` is empty. `childcare`: the activities
    whose price counts for the tax credit of article 200 quater B of the tax code (care, never meals).
    """

    id: str
    municipality_id: str
    seller: str = ""
    siret: str = ""
    iban: str = ""
    bic: str = ""
    holder: str = ""
    childcare: tuple[str, ...] = ()
    version: int = 0


def plain_papers(municipality_id: str, cash_office_id: str) -> OfficePapers:
    """Before the office said anything."""
    return OfficePapers(id=cash_office_id, municipality_id=municipality_id)
