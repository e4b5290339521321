"""Debit files fit the schemas of both versions, and say what the bank's answer will repeat."""

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from services.billing.app.sepa import FileInvalid, write
from services.billing.domain.debits.creditors import Schema
from tests.billing.debit_samples import CREDITOR, IBAN, ICS, SIRET, debit_file, entry

SCHEMAS: list[Schema] = ["pain.008.001.02", "pain.008.001.08"]
ALL_SEQUENCES = ("FRST", "RCUR", "FNAL", "OOFF")


def read(content: bytes) -> Element:
    root = fromstring(content)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def texts(root: Element, path: str) -> list[str | None]:
    return [found.text for found in root.iterfind(path)]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_file_has_a_part_for_each_sequence_and_its_sums(schema: Schema) -> None:
    entries = [entry(sequence, 1000 + at) for at, sequence in enumerate(ALL_SEQUENCES)]

    # Written at all, it fits its schema.
    root = read(write(debit_file(*entries, creditor=replace(CREDITOR, schema=schema))))

    assert texts(root, ".//SeqTp") == list(ALL_SEQUENCES)
    assert texts(root, ".//PmtInfId") == [f"B0192AABBCCDDEEF81234-{one}" for one in ALL_SEQUENCES]
    assert texts(root, ".//GrpHdr/CtrlSum") == ["40.06"]
    assert texts(root, ".//GrpHdr/NbOfTxs") == ["4"]
    assert texts(root, ".//GrpHdr/MsgId") == ["B0192AABBCCDDEEF81234"]
    assert texts(root, ".//GrpHdr/CreDtTm") == ["2026-12-22T09:30:00"]
    assert texts(root, ".//GrpHdr/InitgPty//Othr/Id") == [SIRET]
    assert texts(root, ".//CdtrSchmeId//Othr/Id") == [ICS] * 4
    assert texts(root, ".//LclInstrm/Cd") == ["CORE"] * 4
    assert texts(root, ".//ReqdColltnDt") == ["2026-12-31"] * 4
    assert texts(root, ".//DbtrAcct/Id/IBAN") == [IBAN] * 4
    assert texts(root, ".//Cdtr/Nm") == ["Regie restauration Sainte-Aurore"] * 4


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_changed_account_is_told_with_the_mandate(schema: Schema) -> None:
    entries = [entry("RCUR", 100, amended=True), entry("RCUR", 200)]

    root = read(write(debit_file(*entries, creditor=replace(CREDITOR, schema=schema))))

    assert texts(root, ".//AmdmntInd") == ["true"]
    assert texts(root, ".//AmdmntInfDtls/OrgnlDbtrAcct/Id/Othr/Id") == ["SMNDA"]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_bank_without_bic_is_left_to_the_account_number(schema: Schema) -> None:
    root = read(write(debit_file(entry(bic=""), creditor=replace(CREDITOR, schema=schema))))

    assert texts(root, ".//DbtrAgt//Othr/Id") == ["NOTPROVIDED"]


def test_the_same_debits_give_the_same_bytes() -> None:
    assert write(debit_file(entry())) == write(debit_file(entry()))


@pytest.mark.parametrize("wrong", [{"iban": "no account"}, {"rum": "x" * 36}, {"bic": "x"}])
def test_what_no_bank_would_take_is_not_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(FileInvalid):
        write(debit_file(entry(**wrong)))


def test_markup_in_a_text_stays_text() -> None:
    root = read(write(debit_file(entry(name="<Nm>&x;</Nm>"))))

    assert texts(root, ".//Dbtr/Nm") == ["<Nm>&x;</Nm>"]
