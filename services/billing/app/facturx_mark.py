"""Say in a PDF's own metadata that it carries Factur-X data (Factur-X 1.0, 6.2.2 and 6.2.3).

typst attaches the file and declares PDF/A-3, but writes its own metadata. The part it misses is added as PDF foresees
changes: a second version of the object at the end, with the place it stands at. What came before stays byte for byte,
tags and accessibility with it; the factur-x library rewrites the metadata whole and loses PDF/UA.
"""

import re

NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
METADATA = re.compile(rb"\n(\d+) 0 obj\n<<[^>]*/Type/Metadata[^>]*>>\nstream\n(.*?)\nendstream", re.DOTALL)
TRAILER = re.compile(rb"trailer\n<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.DOTALL)
BAG = b"<pdfaExtension:schemas><rdf:Bag>"
RESOURCE = '<rdf:li rdf:parseType="Resource">'
PROPERTIES = {
    "DocumentFileName": ("factur-x.xml", "name of the embedded XML invoice file"),
    "DocumentType": ("INVOICE", "INVOICE"),
    "Version": ("1.0", "The actual version of the Factur-X XML schema"),
    "ConformanceLevel": ("EN 16931", "The conformance level of the embedded Factur-X data"),
}
SAID = "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in PROPERTIES.items())
DESCRIPTION = f'<rdf:Description rdf:about="" xmlns:fx="{NAMESPACE}">{SAID}</rdf:Description>'
DECLARED = "".join(
    f"{RESOURCE}<pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    f"<pdfaProperty:category>external</pdfaProperty:category>"
    f"<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
    for name, (_, meaning) in PROPERTIES.items()
)
SCHEMA = (
    f"{RESOURCE}<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    f"<pdfaSchema:property><rdf:Seq>{DECLARED}</rdf:Seq></pdfaSchema:property></rdf:li>"
)


def mark_as_facturx(pdf: bytes) -> bytes:
    """The PDF with one more version of its metadata. Raises `ValueError` for a PDF that is not as typst writes it."""
    metadata, trailer = METADATA.search(pdf), TRAILER.search(pdf)
    if metadata is None or trailer is None or BAG not in metadata[2]:
        raise ValueError("not a PDF/A as typst writes it")
    number, xmp = int(metadata[1]), _with_schema(metadata[2])
    change = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        len(xmp),
        xmp,
    )
    start = len(pdf) + 1
    table = (
        b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%010d 00000 n\r\ntrailer\n<<%b/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            number,
            start,
            trailer[1],
            int(trailer[2]),
            start + len(change),
        )
    )
    return b"%b\n%b%b" % (pdf, change, table)


def _with_schema(xmp: bytes) -> bytes:
    declared = xmp.replace(BAG, BAG + SCHEMA.encode(), 1)
    return declared.replace(b"</rdf:RDF>", DESCRIPTION.encode() + b"</rdf:RDF>", 1)
