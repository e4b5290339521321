"""Debit files by sepaxml: pain.008.001.02 or .08, checked against its schema before it leaves.

sepaxml names messages and parts at random and by the clock; here they have the names the bank's answer will repeat.
"""

import asyncio
from functools import cache
from importlib import import_module, resources
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from services.billing.domain.debits.batches import LONGEST_NAME, DebitFile, Entry, part_of
from services.billing.domain.debits.letters import exchanged

PREFIX = b'<?xml version="1.0" encoding="UTF-8"?>'
# Put in place of the former account: it changed, at the same bank or another one (EPC130-08, since 2016).
SAME_MANDATE_NEW_ACCOUNT = "SMNDA"


class FileInvalid(Exception):
    """The file does not fit its schema; the reason quotes names and accounts, so it is told nobody."""


class Pain008Writer:
    """Writes in a thread: a thousand debits take a second."""

    async def write(self, file: DebitFile) -> bytes:
        """The same file always gives the same bytes. Raises `FileInvalid`."""
        return await asyncio.to_thread(write, file)


def write(file: DebitFile) -> bytes:
    # Its parts and the schemas take fifty milliseconds to load: only who writes a file needs them.
    message = import_module("sepaxml").SepaDD(_creditor(file), schema=file.creditor.schema, clean=False)
    for entry in file.entries:
        message.add_payment(_payment(entry))
    written = message.export(validate=False)
    content: bytes = PREFIX + tostring(_named(_plain(written, file), file), "utf-8")
    if not _schema(file.creditor.schema).is_valid(content.decode()):
        raise FileInvalid(file.message_id)
    return content


def _plain(written: bytes, file: DebitFile) -> Element:
    """Without a prefix on each name, whatever other files this process wrote."""
    root = fromstring(written)  # noqa: S314  # our own, written just now
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    root.set("xmlns", f"urn:iso:std:iso:20022:tech:xsd:{file.creditor.schema}")
    return root


@cache
def _schema(name: str) -> Any:
    path = resources.files("sepaxml") / "schemas" / f"{name}.xsd"
    return import_module("xmlschema").XMLSchema(str(path))


def _creditor(file: DebitFile) -> dict[str, Any]:
    creditor = file.creditor
    return {
        "name": exchanged(creditor.name, LONGEST_NAME),
        "IBAN": creditor.iban,
        "BIC": creditor.bic,
        "batch": True,
        "creditor_id": creditor.ics,
        "currency": "EUR",
    }


def _payment(entry: Entry) -> dict[str, Any]:
    bic = {"BIC": entry.bic} if entry.bic else {}
    return {
        "name": entry.name,
        "IBAN": entry.iban,
        **bic,
        "amount": entry.cents,
        "type": entry.sequence,
        "collection_date": entry.collect_on,
        "mandate_id": entry.rum,
        "mandate_date": entry.signed_on,
        "description": entry.text,
        "endtoend_id": entry.end_to_end,
    }


def _named(root: Element, file: DebitFile) -> Element:
    amended = {entry.end_to_end for entry in file.entries if entry.amended}
    _set(root, ".//GrpHdr/MsgId", file.message_id)
    _set(root, ".//GrpHdr/CreDtTm", f"{file.created_at:%Y-%m-%dT%H:%M:%S}")
    _set(root, ".//GrpHdr/InitgPty/Id//Othr/Id", file.creditor.siret)
    for part in root.iter("PmtInf"):
        sequence: Any = part.findtext("PmtTpInf/SeqTp")
        _set(part, "PmtInfId", part_of(file.message_id, sequence))
        for one in part.iter("DrctDbtTxInf"):
            if one.findtext("PmtId/EndToEndId") in amended:
                _amend(one)
    return root


def _set(root: Element, path: str, text: str) -> None:
    found = root.find(path)
    if found is None:
        raise FileInvalid(path)
    found.text = text


def _amend(one: Element) -> None:
    told = one.find("DrctDbtTx/MndtRltdInf")
    if told is None:
        raise FileInvalid("MndtRltdInf")
    SubElement(told, "AmdmntInd").text = "true"
    place = SubElement(told, "AmdmntInfDtls")
    for name in ("OrgnlDbtrAcct", "Id", "Othr"):
        place = SubElement(place, name)
    SubElement(place, "Id").text = SAME_MANDATE_NEW_ACCOUNT
