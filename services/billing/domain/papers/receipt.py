"""What stands on the paper of a receipt: money came in, how, and what it paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.billing.domain.copies import Household, Town, zone_of
from services.billing.domain.papers.words import letter_head, long_day, money
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.receipts import Mode, Part, Receipt

MODES: Mapping[Mode, str] = {
    "online": "Paiement en ligne",
    "cash": "Espèces",
    "cheque": "Chèque",
    "card": "Carte bancaire au guichet",
    "transfer": "Virement",
    "voucher": "Titres (CESU, chèques-vacances)",
    "debit": "Prélèvement",
    "treasury": "Encaissé par le Trésor public",
}


@dataclass(frozen=True, kw_only=True)
class ReceiptSetting:
    """Everything known around a receipt when it is printed."""

    town: Town
    office: CashOffice
    household: Household


def receipt_file(receipt: Receipt) -> str:
    return f"recu-{receipt.number}.pdf"


def receipt_paper(receipt: Receipt, setting: ReceiptSetting) -> dict[str, Any]:
    """The texts of the template `receipt.typ`."""
    day = receipt.at.astimezone(zone_of(setting.town)).date()
    return {
        "template": "receipt",
        **letter_head(setting.town, setting.office, setting.household, receipt.booked_on),
        "number": receipt.number,
        "day": long_day(receipt.on or day),
        "mode": MODES[receipt.mode],
        "means": _means(receipt),
        "total": money(receipt.cents),
        "parts": [_part(part) for part in receipt.parts],
        "surplus": money(receipt.surplus_cents) if receipt.surplus_cents else "",
        "cancelled": long_day(receipt.cancelled_on) if receipt.cancelled_on else "",
    }


def _means(receipt: Receipt) -> list[list[str]]:
    """What tells this payment from others, by name."""
    known = [
        ["Numéro du chèque", receipt.means.cheque_number],
        ["Banque", receipt.means.bank],
        ["Titres", ", ".join(f"{one.kind.upper()} {one.serial}" for one in receipt.means.vouchers)],
        ["Référence du paiement", receipt.transaction],
    ]
    return [row for row in known if row[1]]


def _part(part: Part) -> dict[str, str]:
    words = "Réservation payée d’avance" if part.kind == "order" else f"Facture {part.number}"
    return {"words": words.strip(), "cents": money(part.taken_cents)}
