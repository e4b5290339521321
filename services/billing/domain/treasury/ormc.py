"""The file a batch of debts becomes: PES v2 ORMC (one recipe order for several debtors), ISO-8859-1.

Element names and lengths are those of open exporters of the format (domain.md 3.8). The DGFiP's schema was not at
hand: structure, order and lengths are held by tests of our own, and a first file goes to the accountant as a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from services.billing.domain.treasury.collection import Batch, CollectionOrder, TreasurySettings, period_of
from services.billing.domain.treasury.debtors import Debtor
from services.billing.domain.treasury.texts import latin

NAMESPACES = {
    "xmlns:n": "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller",
    "xmlns:reca": "http://www.minefi.gouv.fr/cp/helios/pes_v2/recette/r0/aller",
    "xmlns:cm": "http://www.minefi.gouv.fr/cp/helios/pes_v2/commun",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller",
}
SEQUENCES = {"OOFF": "01", "FRST": "02", "RCUR": "03", "FNAL": "04"}
SENDER = "PREAU"
LONGEST_NAME = 38


@dataclass(frozen=True, kw_only=True)
class Debit:
    """The mandate the Treasury may debit. Its IBAN is personal data, written into the file and nowhere else."""

    on: date
    sequence: str
    mandate: str
    signed_on: date
    iban: str
    bic: str
    holder: str


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One debt with what the file says of its debtor."""

    order: CollectionOrder
    debtor: Debtor
    debit: Debit | None = None


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Everything one file holds. `subject`: what the debts are for, in the town's words (canteen, care)."""

    batch: Batch
    settings: TreasurySettings
    subject: str
    pieces: Sequence[Piece]


def file_name(settings: TreasurySettings, batch: Batch) -> str:
    """One name per batch, of letters and digits only."""
    return f"PESORMC_{settings.post}_{settings.collectivity}_{batch.year}_{batch.number:04d}.xml"


def ormc(flow: Flow) -> bytes:
    """The file, byte for byte the same for the same batch."""
    root = Element("n:PES_Aller", NAMESPACES)
    _envelope(root, flow)
    _header(root, flow)
    revenue = SubElement(root, "PES_RecetteAller")
    head = SubElement(revenue, "EnTeteRecette")
    _values(head, IdVer="2", InfoDematerialisee="0")
    slip = SubElement(revenue, "Bordereau")
    _slip(slip, flow)
    for at, piece in enumerate(flow.pieces, start=1):
        _piece(slip, piece, at, flow)
    indent(root)
    content: bytes = tostring(root, encoding="iso-8859-1", xml_declaration=True)
    return content


def _values(parent: Element, **values: str) -> None:
    """Elements with their value in the attribute V, as the whole format has them; empty ones are left out."""
    for name, value in values.items():
        if value:
            SubElement(parent, name, {"V": value})


def _envelope(root: Element, flow: Flow) -> None:
    envelope = SubElement(root, "Enveloppe")
    name = file_name(flow.settings, flow.batch)
    _values(SubElement(envelope, "Parametres"), Version="2", TypFic="PESORMC", NomFic=name[:100])
    _values(SubElement(envelope, "Emetteur"), Sigle=SENDER, Adresse=SENDER)


def _header(root: Element, flow: Flow) -> None:
    codes = flow.settings
    _values(
        SubElement(root, "EnTetePES"),
        DteStr=flow.batch.issued_on.isoformat(),
        IdPost=codes.post[:7],
        IdColl=codes.siret[:14],
        CodCol=codes.collectivity[:3],
        CodBud=codes.budget[:10],
    )


def _slip(slip: Element, flow: Flow) -> None:
    day = flow.batch.issued_on.isoformat()
    _values(
        SubElement(slip, "BlocBordereau"),
        Exer=str(flow.batch.year),
        IdBord=str(flow.batch.number)[:7],
        DteBordEm=day,
        TypBord="06",
        NbrPce=str(len(flow.pieces)),
        MtBordHt=euros(sum(piece.order.cents for piece in flow.pieces)),
        DteAsp=day,
        Objet=latin(flow.subject, 160),
    )


def _piece(slip: Element, piece: Piece, at: int, flow: Flow) -> None:
    order = piece.order
    element = SubElement(slip, "Piece")
    subject = subject_of(order, flow.subject)
    _values(
        SubElement(element, "BlocPiece"),
        IdPce=str(at)[:8],
        TypPce="15",
        NatPce="01",
        ObjPce=subject,
        NumDette=order.number[:15],
        Per=period_of(flow.batch.issued_on),
        Cle1=order.keys[0],
        Cle2=order.keys[1],
        NumeroFacture=latin(order.debts[0].number, 20),
    )
    line = SubElement(element, "LigneDePiece")
    block = SubElement(line, "BlocLignePiece")
    _values(
        SubElement(block, "InfoLignePiece"),
        IdLigne="1",
        ObjLignePce=subject,
        CodProdLoc=flow.settings.product[:4],
        Nature=flow.settings.nature,
        Majo="0",
        TvaIntraCom="0",
        MtHT=euros(order.cents),
    )
    if piece.debit:
        _debit(block, piece.debit, order)
    _debtor(line, piece)


def subject_of(order: CollectionOrder, subject: str) -> str:
    """What a debt is for: the invoices it is made of, as far as 160 characters go, the oldest first."""
    numbers = ", ".join(owed.number for owed in order.debts)
    return latin(f"{subject} - {numbers}", 160)


def _debit(block: Element, debit: Debit, order: CollectionOrder) -> None:
    _values(
        SubElement(block, "InfoPrelevementSEPA"),
        NatPrel="01",
        PerPrel="07",
        DtePrel=debit.on.isoformat(),
        MtPrel=euros(order.cents),
        SequencePres=SEQUENCES[debit.sequence],
        DateSignMandat=debit.signed_on.isoformat(),
        RefUniMdt=latin(debit.mandate, 35),
        LibPrel=latin(order.debts[0].number, 140),
    )


def _debtor(line: Element, piece: Piece) -> None:
    debtor = piece.debtor
    third = SubElement(line, "Tiers")
    _values(
        SubElement(third, "InfoTiers"),
        CatTiers="01",
        NatJur="01",
        TypTiers="01",
        Civilite=debtor.civility,
        Nom=latin(debtor.last_name, LONGEST_NAME),
        Prenom=latin(debtor.first_name, LONGEST_NAME),
    )
    _values(
        SubElement(third, "Adresse"),
        TypAdr="1",
        Adr2=latin(debtor.street, LONGEST_NAME),
        CP=debtor.postal_code[:5],
        Ville=latin(debtor.town, LONGEST_NAME),
        CodRes="0",
    )
    if piece.debit:
        holder = latin(piece.debit.holder, 32)
        _values(SubElement(third, "CpteBancaire"), BIC=piece.debit.bic, IBAN=piece.debit.iban, TitCpte=holder)


def euros(cents: int) -> str:
    """`1050` → `10.50`."""
    return f"{cents // 100}.{cents % 100:02d}"
