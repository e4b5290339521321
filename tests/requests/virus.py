"""What any antivirus knows and nothing else minds: the EICAR test file, inside a document that opens."""

import io

from pypdf import PdfReader, PdfWriter

from deploy.sandbox.antivirus import EICAR


def infected_pdf() -> bytes:
    """A whole document with the test file as a comment before its end."""
    writer, drawn = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(drawn)
    data = drawn.getvalue() + b"%" + EICAR + b"\n"
    assert len(PdfReader(io.BytesIO(data)).pages) == 1
    return data
