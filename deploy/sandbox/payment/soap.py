"""SOAP 1.1 envelopes of the three operations, as the WSDL names them."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr"
    "/services/mas_securite/contrat_paiement_securise/PaiementSecuriseService"
)
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
FUNCTIONAL_FAULT = "fr.gouv.finances.cp.tpa.webservice.exceptions.FonctionnelleErreur"
ERROR_SEVERITY = "2"

ET.register_namespace("S", ENVELOPE)
ET.register_namespace("svc", SERVICE)


class Unreadable(Exception):
    """Not a SOAP call with one operation."""


def read_call(body: bytes) -> tuple[str, dict[str, str]]:
    """The operation and the fields of its `arg0`."""
    if b"<!DOCTYPE" in body:
        raise Unreadable
    try:
        call = ET.fromstring(body).find(f"{{{ENVELOPE}}}Body/*")  # noqa: S314  # loopback only, entities refused
    except ET.ParseError as error:
        raise Unreadable from error
    if call is None or not call.tag.startswith(f"{{{SERVICE}}}"):
        raise Unreadable
    return _local(call), {_local(field): (field.text or "").strip() for field in call.findall("arg0/*")}


def write_answer(operation: str, fields: Mapping[str, str]) -> bytes:
    envelope, body = _envelope()
    answer = ET.SubElement(body, f"{{{SERVICE}}}{operation}Response")
    _fill(ET.SubElement(answer, "return"), fields)
    return _bytes(envelope)


def write_functional_fault(code: str, label: str) -> bytes:
    envelope, body = _envelope()
    fault = ET.SubElement(body, f"{{{ENVELOPE}}}Fault")
    _fill(fault, {"faultcode": "S:Server", "faultstring": FUNCTIONAL_FAULT})
    error = ET.SubElement(ET.SubElement(fault, "detail"), f"{{{SERVICE}}}FonctionnelleErreur")
    fields = {"code": code, "descriptif": "", "libelle": label, "message": "", "severite": ERROR_SEVERITY}
    _fill(error, fields)
    return _bytes(envelope)


def write_protocol_fault(sentence: str) -> bytes:
    envelope, body = _envelope()
    fault = ET.SubElement(body, f"{{{ENVELOPE}}}Fault")
    _fill(fault, {"faultcode": "S:Client", "faultstring": sentence})
    return _bytes(envelope)


def _envelope() -> tuple[ET.Element, ET.Element]:
    envelope = ET.Element(f"{{{ENVELOPE}}}Envelope")
    return envelope, ET.SubElement(envelope, f"{{{ENVELOPE}}}Body")


def _bytes(envelope: ET.Element) -> bytes:
    return bytes(ET.tostring(envelope, encoding="utf-8", xml_declaration=True))


def _fill(element: ET.Element, fields: Mapping[str, str]) -> None:
    for name, value in fields.items():
        ET.SubElement(element, name).text = value


def _local(element: ET.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]
