"""What issued pieces say of a household's month against what its sheets say now: whole lines are taken back and
written anew, so that all pieces together always come to what one invoice would be, to the cent.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from services.billing.domain.invoices import Invoice, InvoiceLine

OF_A_RUN = "run/"


def is_of_a_run(piece: Invoice) -> bool:
    """Issued for a month, at once or as a correction; other credit notes say nothing of its days."""
    return not piece.occasion or piece.occasion.startswith(OF_A_RUN)


def standing(pieces: Iterable[Invoice], sheet_ids: AbstractSet[str]) -> dict[str, InvoiceLine]:
    """The lines of a month's pieces that nothing took back, by `<piece>/<place>`.

    Only those of sheets that are there: what was charged from one that is gone (erased, or of a programme the office
    no longer collects) can no more be judged, and stays.
    """
    written = {f"{piece.id}/{at}": line for piece in pieces for at, line in enumerate(piece.lines)}
    taken_back = {line.reverses for line in written.values()}
    return {
        name: line
        for name, line in written.items()
        if not line.reverses and name not in taken_back and {day.sheet_id for day in line.days} & sheet_ids
    }


def correcting(stand: Mapping[str, InvoiceLine], wanted: Iterable[InvoiceLine]) -> tuple[InvoiceLine, ...]:
    """What makes `wanted` of what stands: lines taken back, then those written anew; nothing where both agree."""
    missing = {_content(line): line for line in wanted}
    reversed_lines = [
        taken_back(name, line) for name, line in stand.items() if missing.pop(_content(line), None) is None
    ]
    return (*reversed_lines, *missing.values())


def taken_back(name: str, line: InvoiceLine) -> InvoiceLine:
    return replace(line, quantity=-line.quantity, total_cents=-line.total_cents, reverses=name)


def _content(line: InvoiceLine) -> tuple[object, ...]:
    """What two lines have in common that charge the same: not how it came about."""
    days = tuple(sorted((day.sheet_id, day.date) for day in line.days))
    return line.child_id, line.activity_id, line.what, line.unit_cents, line.surcharge_cents, line.total_cents, days
