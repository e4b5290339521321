"""Cart lines as documents; the same in carts and in validations."""

from datetime import date

from services.reservations.domain.cart import Line
from shared.mongo import Document


def line_document(line: Line) -> Document:
    return {**vars(line), "date": line.date.isoformat()}


def line_of(found: Document) -> Line:
    return Line(**{**found, "date": date.fromisoformat(found["date"])})
