"""What the Treasury's files hold, both ways."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from services.billing.domain.treasury.collection import period_of
from services.billing.domain.treasury.ormc import Debit, Piece, euros, file_name
from services.billing.domain.treasury.returns import NoTreasuryReturn, WrongReturn, read_return
from services.billing.domain.xml_files import UnsafeXml, read_xml
from tests.billing.treasury_samples import BATCH, CODES, DEBTOR, ORDER, built, debt, owing


def value(root, path: str) -> list[str]:
    return [found.get("V", "") for found in root.iterfind(path)]


def test_the_file_is_latin_1_and_the_same_each_time():
    content = built(Piece(order=ORDER, debtor=DEBTOR))
    assert content.startswith(b"<?xml version='1.0' encoding='iso-8859-1'?>")
    assert content == built(Piece(order=ORDER, debtor=DEBTOR))
    assert content.decode("iso-8859-1")


def test_the_file_has_header_slip_piece_and_debtor_in_their_order():
    root = ElementTree.fromstring(built(Piece(order=ORDER, debtor=DEBTOR)))
    assert [child.tag for child in root] == ["Enveloppe", "EnTetePES", "PES_RecetteAller"]
    assert value(root, "Enveloppe/Parametres/TypFic") == ["PESORMC"]
    header = root.find("EnTetePES")
    assert [(child.tag, child.get("V")) for child in header] == [
        ("DteStr", "2027-04-01"),
        ("IdPost", "038012"),
        ("IdColl", "21380012100013"),
        ("CodCol", "400"),
        ("CodBud", "01"),
    ]
    slip = root.find("PES_RecetteAller/Bordereau/BlocBordereau")
    told = {child.tag: child.get("V") for child in slip}
    assert list(told) == ["Exer", "IdBord", "DteBordEm", "TypBord", "NbrPce", "MtBordHt", "DteAsp", "Objet"]
    assert (told["TypBord"], told["NbrPce"], told["MtBordHt"]) == ("06", "1", "70.55")
    piece = root.find("PES_RecetteAller/Bordereau/Piece")
    told = {child.tag: child.get("V") for child in piece.find("BlocPiece")}
    assert (told["TypPce"], told["NatPce"], told["NumDette"], told["Per"]) == ("15", "01", "2027000017", "2")
    assert (told["Cle1"], told["Cle2"]) == ORDER.keys
    line = piece.find("LigneDePiece")
    assert value(line, "BlocLignePiece/InfoLignePiece/MtHT") == ["70.55"]
    assert value(line, "BlocLignePiece/InfoLignePiece/Nature") == ["588"]
    assert value(line, "Tiers/InfoTiers/Nom") == ["Martin"]
    assert value(line, "Tiers/InfoTiers/Civilite") == ["MME"]
    assert value(line, "Tiers/Adresse/CP") == ["38000"]
    assert line.find("Tiers/CpteBancaire") is None


def test_a_mandate_adds_the_debit_and_the_account():
    debit = Debit(
        on=date(2027, 4, 20),
        sequence="RCUR",
        mandate="RUM-1",
        signed_on=date(2026, 9, 1),
        iban="FR7630006000011234567890189",
        bic="AGRIFRPP",
        holder="Claire Martin",
    )
    line = ElementTree.fromstring(built(Piece(order=ORDER, debtor=DEBTOR, debit=debit))).find(".//LigneDePiece")
    assert value(line, "BlocLignePiece/InfoPrelevementSEPA/SequencePres") == ["03"]
    assert value(line, "BlocLignePiece/InfoPrelevementSEPA/RefUniMdt") == ["RUM-1"]
    assert value(line, "Tiers/CpteBancaire/IBAN") == ["FR7630006000011234567890189"]


def test_long_or_strange_names_are_cut_and_written_in_latin_1():
    odd = replace(DEBTOR, last_name="Œ" * 60 + "<&\"'>", street="x" * 99, town="Ville\x00-中")
    root = ElementTree.fromstring(built(Piece(order=ORDER, debtor=odd)))
    assert value(root, ".//Nom") == ["OE" * 19]
    assert len(value(root, ".//Adr2")[0]) == 38
    assert value(root, ".//Tiers/Adresse/Ville") == ["Ville-"]


def test_the_total_of_the_slip_is_the_sum_of_its_pieces():
    second = debt(owing("inv_2", 1999), owing("inv_3", 1), name="cor_2", position=18)
    content = built(Piece(order=ORDER, debtor=DEBTOR), Piece(order=second, debtor=DEBTOR))
    root = ElementTree.fromstring(content)
    assert value(root, ".//MtBordHt") == ["90.55"]
    assert value(root, ".//MtHT") == ["70.55", "20.00"]
    assert value(root, ".//IdPce") == ["1", "2"]
    assert "inv_2, inv_3" in value(root, ".//ObjPce")[1]
    assert read_xml(content).name == "PES_Aller"


def test_amounts_and_names_of_files():
    assert [euros(cents) for cents in (1, 10, 100, 123456)] == ["0.01", "0.10", "1.00", "1234.56"]
    assert file_name(CODES, BATCH) == "PESORMC_038012_400_2027_0003.xml"
    assert [period_of(date(2027, month, 1)) for month in (1, 3, 4, 12)] == ["1", "1", "2", "4"]


# --- what comes back

RETURN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<n:PES_Retour xmlns:n="urn:x">
  <EnTetePES><DteStr V="2027-05-02"/><IdPost V="038012"/><CodCol V="400"/></EnTetePES>
  <PES_RecetteRetour>
    <Bordereau>
      <BlocBordereau><Exer V="2027"/><IdBord V="3"/><TypBord V="06"/></BlocBordereau>
      <Piece><BlocPiece><NumDette V="2027000017"/></BlocPiece><LigneDePiece>
        <Emargement><IdEmarg V="E1"/><DteEmarg V="2027-05-01"/><MtEmarg V="20.00"/></Emargement>
        <Emargement><DteEmarg V="2027-05-01"/><MtEmarg V="5,5"/></Emargement>
        <Emargement><DteEmarg V="2027-05-01"/><MtEmarg V="5.50"/></Emargement>
      </LigneDePiece></Piece>
      <Piece><BlocPiece><NumDette V="2027000018"/><EtatPce V="04"/><DteEtat V="2027-05-02"/>
        <MotifRejet V="Débiteur inconnu à l'adresse"/></BlocPiece></Piece>
    </Bordereau>
    <Bordereau>
      <BlocBordereau><Exer V="2027"/><TypBord V="05"/></BlocBordereau>
      <Piece><BlocPiece><IdPce V="P503-9"/><ObjPce V="VIR CANTINE"/><MtTTC V="12.00"/>
        <DteEncaissement V="2027-05-01"/></BlocPiece></Piece>
    </Bordereau>
  </PES_RecetteRetour>
</n:PES_Retour>"""


def test_a_return_tells_sums_refusals_and_money_without_a_title():
    found = read_return(RETURN.encode("latin-1"))
    assert (found.post, found.collectivity) == ("038012", "400")
    assert [(one.number, one.returned.what, one.returned.cents) for one in found.said] == [
        ("2027000017", "collected", 2000),
        ("2027000017", "collected", 550),
        ("2027000017", "collected", 550),
        ("2027000018", "rejected", 0),
    ]
    assert len({(one.number, one.returned.key) for one in found.said}) == 4
    assert found.said[3].returned.reason == "Débiteur inconnu à l'adresse"
    assert [(one.key, one.cents, one.label) for one in found.before_title] == [("P503-9", 1200, "VIR CANTINE")]


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ('MtEmarg V="20.00"', 'MtEmarg V="-20.00"', "MtEmarg"),
        ('MtEmarg V="20.00"', 'MtEmarg V="2e9"', "MtEmarg"),
        ('DteEmarg V="2027-05-01"', 'DteEmarg V="01/05/2027"', "DteEmarg"),
        ('NumDette V="2027000017"', 'NumDette V=""', "NumDette"),
        ('Exer V="2027"', 'Exer V="27"', "Exer"),
        ('EtatPce V="04"', 'EtatPce V="99"', "EtatPce"),
        ('IdPce V="P503-9"', 'IdPce V=""', "IdPce"),
    ],
)
def test_a_return_is_understood_whole_or_not_at_all(right, wrong, field):
    with pytest.raises(WrongReturn) as refused:
        read_return(RETURN.replace(right, wrong, 1).encode("latin-1"))
    assert refused.value.facts["field"] == field


def test_our_own_file_and_traps_are_refused():
    with pytest.raises(NoTreasuryReturn):
        read_return(built(Piece(order=ORDER, debtor=DEBTOR)))
    with pytest.raises(UnsafeXml):
        read_return(b'<!DOCTYPE a [<!ENTITY b "b">]><PES_Retour>&b;</PES_Retour>')
