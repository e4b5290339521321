"""What stands on the paper of an invoice, a corrective invoice and a credit note."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice, InvoicedDay, InvoiceLine, Kind, month_bounds
from services.billing.domain.papers.office import OfficePapers
from services.billing.domain.papers.words import (
    UNNAMED,
    activity_names,
    child_names,
    grouped,
    letter_head,
    listed,
    long_day,
    money,
    month_words,
    of_month,
    short_day,
)
from services.billing.domain.settlements import Settlement, SettlementKind
from services.billing.domain.tariffs import CashOffice

NAMES: Mapping[Kind, str] = {"F": "Facture", "R": "Facture rectificative", "A": "Avoir"}
FILES: Mapping[Kind, str] = {"F": "facture", "R": "facture-rectificative", "A": "avoir"}
GIVEN_BACK = "Trop-perçu"
SETTLED: Mapping[SettlementKind, str] = {
    "payment": "Déjà payé",
    "credit": "Avoir utilisé",
    "refund": "Remboursé",
    "reversal": "Paiement annulé",
    "treasury": "Encaissé par le Trésor public",
    "remission": "Remise",
    "corrected": "Annulé par un avoir",
}


@dataclass(frozen=True, kw_only=True)
class PlannedDebit:
    """What a family must know of a direct debit before it happens; `iban` is masked already."""

    on: date
    rum: str
    ics: str
    iban: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything known around an invoice when it is printed. `corrects`: the invoice it corrects, if any.

    `credits`: number of each credit note used on it, by id.
    """

    town: Town
    office: CashOffice
    household: Household
    programmes: Sequence[Programme]
    papers: OfficePapers | None = None
    portal_url: str = ""
    debit: PlannedDebit | None = None
    corrects: Invoice | None = None
    credits: Mapping[str, str] | None = None


def file_name(invoice: Invoice) -> str:
    return f"{FILES[invoice.kind]}-{invoice.number}.pdf"


def paper(invoice: Invoice, setting: Setting) -> dict[str, Any]:
    """The texts of the template `invoice.typ`: amounts and dates as French readers write them."""
    month = month_bounds(invoice.month)[0]
    return {
        "template": "invoice",
        **letter_head(setting.town, setting.office, setting.household, invoice.issue_date),
        "name": NAMES[invoice.kind],
        "kind": invoice.kind,
        "number": invoice.number,
        "month": month_words(month),
        "of_month": of_month(month),
        "issue_date": long_day(invoice.issue_date),
        "due_date": long_day(invoice.due_date),
        "corrects": _corrected(setting.corrects),
        "children": _children(invoice, setting),
        "total": money(invoice.total_cents),
        "settled": [_settled(act, setting.credits or {}) for act in invoice.settlements],
        "remaining": money(abs(invoice.remaining_cents)),
        "quotient_missing": not all(line.quotient_known for line in invoice.lines),
        **_paying(invoice, setting),
    }


def _corrected(corrects: Invoice | None) -> str:
    return f"{corrects.number} du {long_day(corrects.issue_date)}" if corrects else ""


def _settled(act: Settlement, credits_used: Mapping[str, str]) -> dict[str, str]:
    number = credits_used.get(act.source.partition("#")[0], "")
    words = f"{SETTLED[act.kind]} {number}".strip()
    return {"words": f"{words}, le {short_day(act.at.date())}", "cents": money(-act.cents)}


def _paying(invoice: Invoice, setting: Setting) -> dict[str, Any]:
    """How it is paid, and the codes a telephone reads. `way`: what the family is to do, `pay` for something."""
    papers = setting.papers
    way = _way(invoice, setting)
    # The office's register and the payer both look for it.
    seller = papers.seller if papers and papers.seller else setting.town.name
    texts: dict[str, Any] = {
        "way": way,
        "online": way == "pay" and setting.office.payfip_client is not None,
        "structure_id": setting.office.structure_id,
        "reference": invoice.reference,
        "seller": seller,
        "siret": _siret(papers),
        "debit": _debit(setting.debit),
        "transfer": None,
        "codes": {},
    }
    if texts["online"] and setting.portal_url:
        texts["codes"]["pay"] = {"kind": "link", "content": f"{setting.portal_url}/factures"}
        texts["portal"] = setting.portal_url.removeprefix("https://").removeprefix("http://")
    if way == "pay" and papers and papers.iban:
        texts["transfer"] = {"iban": grouped(papers.iban), "bic": papers.bic, "holder": papers.holder or seller}
        texts["codes"]["transfer"] = _transfer_code(invoice, papers, papers.holder or seller)
    return texts


def _way(invoice: Invoice, setting: Setting) -> str:
    if invoice.kind == "A":
        return "credit"
    if invoice.remaining_cents <= 0:
        return "settled"
    return "debit" if setting.debit else "pay"


def _siret(papers: OfficePapers | None) -> str:
    """`213 800 001 00019`, as SIRETs are printed."""
    siret = papers.siret if papers else ""
    return f"{grouped(siret[:9], 3)} {siret[9:]}" if siret else ""


def _debit(debit: PlannedDebit | None) -> dict[str, str] | None:
    if debit is None:
        return None
    return {"on": long_day(debit.on), "rum": debit.rum, "ics": debit.ics, "iban": debit.iban}


def _transfer_code(invoice: Invoice, papers: OfficePapers, holder: str) -> dict[str, Any]:
    """The European Payments Council's code of a transfer (EPC069-12): a banking application fills its form with it."""
    return {
        "kind": "transfer",
        "holder": holder[:70],
        "iban": papers.iban,
        "bic": papers.bic,
        "cents": invoice.remaining_cents,
        "text": f"Facture {invoice.number}",
    }


def _children(invoice: Invoice, setting: Setting) -> list[dict[str, Any]]:
    """One block per child, in the household's order, each with its lines."""
    by_child: dict[str, list[InvoiceLine]] = {}
    for line in invoice.lines:
        by_child.setdefault(line.child_id, []).append(line)
    names = child_names(setting.household)
    # A line about no child: what the cash office gives back.
    names.setdefault("", setting.household.name)
    order = sorted(by_child, key=lambda child: (list(names).index(child) if child in names else len(names), child))
    activities = activity_names(setting.programmes)
    return [_child(names.get(child, UNNAMED), by_child[child], activities) for child in order]


def _child(name: str, lines: Sequence[InvoiceLine], activities: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "lines": [_line(line, activities) for line in lines],
        "total": money(sum(line.total_cents for line in lines)),
    }


def _line(line: InvoiceLine, activities: Mapping[str, str]) -> dict[str, Any]:
    return {
        "activity": activities.get(line.activity_id, line.activity_id) or GIVEN_BACK,
        "notes": list(_notes(line)),
        "days": ", ".join(f"{day.date.day}" for day in line.days),
        "quantity": f"{line.quantity}".replace("-", "\N{MINUS SIGN}"),
        "unit": money(line.unit_cents),
        "total": money(line.total_cents),
    }


def _notes(line: InvoiceLine) -> Iterable[str]:
    """Why days cost although nobody came, or more than usual: what families ask about."""
    if words := WHAT.get(line.what):
        yield words
    if line.reverses:
        yield "Reprise d’une ligne déjà facturée"
    if line.surcharge_cents > 0:
        yield f"Réservation tardive : majoration de {money(line.surcharge_cents)} comprise"
    for words, states in REMARKS:
        days = [day for day in line.days if _state(day) in states]
        if days:
            yield f"{words} : {'le' if len(days) == 1 else 'les'} {listed([_ordinal(day.date) for day in days])}"
    if not line.quotient_known:
        yield "Quotient familial inconnu : tarif le plus élevé"


WHAT = {"late_pickup": "Départ après la fin de l’accueil", "given_back": "Réservation payée d’avance, rendue"}
REMARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Absence non justifiée", frozenset({"absent_unjustified"})),
    ("Annulé après la date limite", frozenset({"cancelled"})),
    ("Venu sans réservation", frozenset({"present_unbooked"})),
)


def _state(day: InvoicedDay) -> str:
    return day.state


def _ordinal(day: date) -> str:
    return "1er" if day.day == 1 else str(day.day)
