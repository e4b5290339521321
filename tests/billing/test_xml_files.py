"""XML from outside is read without believing anything of it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.billing.domain.xml_files import DEEPEST, UnreadableXml, UnsafeXml, read_xml

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>
<lolz>&lol2;</lolz>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY secret SYSTEM "file:///etc/passwd">]><a>&secret;</a>"""


def test_elements_are_found_by_their_path_whatever_their_namespace():
    root = read_xml(b'<n:a xmlns:n="urn:x"><n:b V="1"> one </n:b><b>two</b><c><b>deep</b></c></n:a>')
    assert (root.name, root.say("b"), root.say("c", "b"), root.say("none")) == ("a", "one", "deep", "")
    assert [one.text for one in root.under("b")] == ["one", "two", "deep"]
    assert root.find("b").attributes == {"V": "1"}


def test_french_windows_encodings_are_read():
    assert read_xml('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")).text == "é"


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE, b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>'])
def test_a_document_type_is_refused_before_anything_is_expanded(content):
    with pytest.raises(UnsafeXml):
        read_xml(content)


def test_too_deep_is_refused():
    with pytest.raises(UnsafeXml):
        read_xml(b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a>",
        b"<a></b>",
        b"\x00",
        b"plain text",
        b'<?xml version="1.0" encoding="none-such"?><a/>',
        b"<a>\xff</a>",
    ],
)
def test_what_is_no_xml_is_named_as_such(content):
    with pytest.raises(UnreadableXml):
        read_xml(content)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableXml, UnsafeXml):
        assert read_xml(content).name
