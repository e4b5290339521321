"""What is wrong with a tariff file: every fault is told with its place, so that a town corrects its file once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.errors import N_, BadInput


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`place`: where in the file, `grids.0.brackets.1.from`; `message` is a msgid."""

    place: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class InvalidTariff(BadInput):
    code = "invalid-tariff"
    title = N_("Tariff refused")
    sentence = N_("The tariff breaks the rules at %(count)s places; nothing was imported.")
    remedy = N_("Correct the places named in “errors” and send the whole file again.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        errors = [
            {"in": "body", "field": fault.place, "message": fault.message, "facts": fault.facts} for fault in faults
        ]
        super().__init__(errors, count=len(faults))


class UnknownReference(BadInput):
    """Programmes travel from another service by message: what is unknown now may be known in a second."""

    code = "unknown-reference"
    title = N_("Unknown programme or activity")
    sentence = N_("The tariff names programmes or activities that are not published: %(names)s.")
    remedy = N_("Publish the programmes first; if that was just done, send the tariff again in a second.")

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names=", ".join(names))
        self.retry_after = 1
