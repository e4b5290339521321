"""Reading XML that comes from outside: banks, the Treasury, whoever sends a file in their name.

A document type is refused whole, and with it every entity: none of these formats has one, and that is the door of
files that read the disk, call a network or grow to gigabytes. Names lose their namespace and prefix: banks use several
versions of one format.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from shared.errors import N_, BadInput

MOST_ELEMENTS = 500_000
DEEPEST = 40


class UnreadableXml(BadInput):
    code = "unreadable-xml"
    title = N_("Unreadable file")
    sentence = N_("This file cannot be read as XML from line %(line)s on.")
    remedy = N_("Send the file unchanged, as the bank or the Treasury gave it.")


class UnsafeXml(BadInput):
    code = "unsafe-xml"
    title = N_("File refused")
    sentence = N_("This file holds a document type, is nested too deep or is too large: no bank sends such a file.")
    remedy = N_("Ask whoever sent it for the original.")


@dataclass(slots=True)
class Element:
    """`text`: its own, stripped, without that of its children."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def find(self, *path: str) -> "Element | None":
        """The first element down that path."""
        return next(self.each(*path), None)

    def each(self, *path: str) -> Iterator["Element"]:
        """Every element down that path, in the order of the file."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.each(*path[1:])

    def under(self, name: str) -> Iterator["Element"]:
        """Every element of that name, however deep."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.under(name)

    def say(self, *path: str) -> str:
        """The text down that path, or "" where there is none."""
        found = self.find(*path)
        return found.text if found else ""


def read_xml(content: bytes) -> Element:
    """The root. Raises `UnreadableXml` and `UnsafeXml`."""
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableXml(line=error.lineno) from None
    except (LookupError, ValueError):
        # An encoding that is none, or bytes that are not of it.
        raise UnreadableXml(line=1) from None
    return reader.top.children[0]


class _Reader:
    def __init__(self) -> None:
        self.top = Element("", {})
        self._open = [self.top]
        self._texts: list[list[str]] = [[]]
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._say

    def _refuse(self, *_: object) -> None:
        raise UnsafeXml()

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise UnsafeXml()
        element = Element(_local(name), {_local(key): value for key, value in attributes.items()})
        self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def _end(self, _: str) -> None:
        self._open.pop().text = "".join(self._texts.pop()).strip()

    def _say(self, text: str) -> None:
        self._texts[-1].append(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
