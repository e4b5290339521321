"""How mails look: the town's colours and logo, readable for everybody, and nothing asked of another machine."""

import base64
import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.notifications.domain.branding import LEAST_CONTRAST, NIGHT, WHITE, Logo, contrast, logo_of, look_of
from services.notifications.domain.letter_kinds import KINDS, LetterKind, kind_of_letter
from services.notifications.domain.letters import letter_of
from services.notifications.domain.paper import Desk
from services.notifications.domain.stationery import Stationery
from shared.contracts import Event
from tests.notifications.samples import ANSWERED, DOCUMENT, LINK, NOW, PAID, RECIPIENT, TOWN, letterpress, mail

KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
LANGUAGE = pytest.mark.parametrize("language", ["fr", "en"])
GREEN = replace(TOWN, primary_colour="#00563b", accent_colour="#8b0000")
# Elements that end where they begin.
VOID = {"meta", "img", "br", "hr", "link", "input"}


def png(width: int = 400, height: int = 160) -> bytes:
    out = BytesIO()
    Image.new("RGBA", (width, height), "green").save(out, "PNG")
    return out.getvalue()


def logo(width: int = 400, height: int = 160) -> Logo:
    return logo_of(base64.b64encode(png(width, height)).decode(), width, height)


def received(event: Event, stationery: Stationery) -> EmailMessage:
    sent = letterpress().write(mail(event), stationery, at=NOW)
    message = message_from_bytes(sent.as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


class Page(HTMLParser):
    """Tags with their attributes, and whether every one is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@KIND
@LANGUAGE
def test_every_kind_of_letter_can_be_written(kind: LetterKind, language: str) -> None:
    pages = letterpress().sample(kind, Stationery(town=TOWN), language)

    assert pages.subject
    assert TOWN.name in pages.text
    assert "{" not in pages.text
    assert "%(" not in pages.text + pages.html


@KIND
def test_a_page_is_whole_and_speaks_to_screen_readers(kind: LetterKind) -> None:
    page = Page(letterpress().sample(kind, Stationery(town=TOWN, logo=logo()), "fr").html)

    assert page.open == []
    assert page.named("html")[0]["lang"] == "fr"
    assert len(page.named("h1")) == 1
    assert all("alt" in image for image in page.named("img"))
    layout = [table for table in page.named("table") if table.get("role") == "presentation"]
    details = [table for table in page.named("table") if table.get("role") != "presentation"]
    assert layout
    assert len(details) <= 1
    assert all(header["scope"] == "row" for header in page.named("th"))


@KIND
def test_a_page_asks_nothing_of_another_machine(kind: LetterKind) -> None:
    html = html_of(received(kind.sample, Stationery(town=GREEN, logo=logo())))
    page = Page(html)

    assert {image["src"].split(":")[0] for image in page.named("img") if image["src"]} == {"cid"}
    assert not {tag for tag, _ in page.tags} & {"link", "script", "iframe", "form", "object", "video"}
    assert not re.search(r"@import|url\(|@font-face", html)
    assert all((link["href"] or "").startswith("https://preau.example") for link in page.named("a"))


def test_styles_are_on_the_elements_and_only_what_depends_on_the_screen_stays_in_a_sheet() -> None:
    html = letterpress().sample(KINDS["invoice"], Stationery(town=GREEN), "fr").html
    (sheet,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)

    assert re.search(r'<td class="press" style="background: #00563b;">', html)
    assert "prefers-color-scheme: dark" in sheet
    assert not re.sub(r"@media[^{]+\{(\s*[^{}]+\{[^}]*\}\s*)*\}", "", sheet).strip()


def test_the_logo_travels_in_the_mail_and_the_page_shows_it_from_there() -> None:
    message = received(DOCUMENT, Stationery(town=TOWN, logo=logo()))
    (shown,) = (part for part in message.walk() if part.get_content_type() == "image/png")

    assert f'src="cid:{shown["Content-ID"][1:-1]}"' in html_of(message)
    assert 'width="200" height="80"' in html_of(message)
    assert shown.get_content() == png()
    assert [part.get_filename() for part in message.iter_attachments()] == ["facture-2026-RR-000042.pdf"]


@pytest.mark.parametrize(("pixels", "shown"), [((400, 40), (200, 20)), ((100, 160), (50, 80)), ((20, 10), (20, 10))])
def test_a_logo_of_any_form_keeps_it_and_is_never_blown_up(pixels: tuple[int, int], shown: tuple[int, int]) -> None:
    assert logo(*pixels).shown == shown


@pytest.mark.parametrize("content", [b"<svg onload='x'/>", b"GIF89a", b"\x89PNG\r\n\x1a\n" + bytes(300_000)])
def test_what_is_no_small_png_is_no_logo(content: bytes) -> None:
    with pytest.raises(ValueError, match="PNG"):
        logo_of(base64.b64encode(content).decode(), 10, 10)


@given(st.integers(0, 0xFFFFFF))
def test_whatever_colour_a_town_chose_its_words_can_be_read_on_white_and_in_the_dark(colour: int) -> None:
    look = look_of(replace(TOWN, primary_colour=f"#{colour:06X}", accent_colour=f"#{colour:06x}"))

    assert min(contrast(one, WHITE) for one in (look.primary, look.accent)) >= LEAST_CONTRAST
    assert min(contrast(one, NIGHT) for one in (look.light_primary, look.light_accent)) >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#1d4f91;background:url(//x)", "#1d4f91\n"])
def test_what_is_no_colour_never_reaches_the_style_sheet(colour: str) -> None:
    html = letterpress().sample(KINDS["invoice"], Stationery(town=replace(TOWN, primary_colour=colour)), "fr").html

    assert "url(" not in html
    assert "background: #1d4f91" in html


@pytest.mark.parametrize(
    "evil", ["</style><script>x()</script>", "<img src=//x onerror=x()>", "\"><a href='//x'>", "{{7*7}}"]
)
def test_no_name_or_word_becomes_markup_or_a_template(evil: str) -> None:
    event = ANSWERED.model_copy(update={"message": evil, "category_name": evil})
    town = replace(TOWN, name=evil, contact_phone=evil, contact_address=evil)
    reader = replace(RECIPIENT, name=evil)
    written = letterpress().write(mail(event, reader), Stationery(town=town), at=NOW)
    html = str(written.get_body(("html",)).get_content())  # type: ignore[union-attr]  # every mail has one
    page = Page(html)

    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "p", "h1"),
        *("blockquote", "a", "br", "span", "address", "strong", "th"),
    }
    assert {link["href"] for link in page.named("a")} == {"https://preau.example/demandes"}
    assert evil in page.words


def test_a_file_name_names_no_folder() -> None:
    for name, kept in (("../../etc/passwd", "etc-passwd"), ("C:\\x\\a.pdf", "C-x-a.pdf"), ("..", "document")):
        written = letterpress().write(
            mail(DOCUMENT.model_copy(update={"filename": name})), Stationery(town=TOWN), at=NOW
        )
        assert [part.get_filename() for part in written.iter_attachments()] == [kept]


@pytest.mark.parametrize("name", ["List-Unsubscribe", "List-Unsubscribe-Post"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\x00", "\u2028"])
def test_headers_of_whoever_queued_the_mail_inject_nothing(name: str, ending: str) -> None:
    queued = replace(mail(PAID), headers={name: f"<https://x>{ending}Bcc: a@b.example", "Bcc": "a@b.example"})
    written = letterpress().write(queued, Stationery(town=TOWN), at=NOW)

    assert written[name] == "<https://x> Bcc: a@b.example"
    assert written["Bcc"] is None


def test_the_link_that_ends_such_messages_stands_on_both_pages() -> None:
    queued = replace(mail(PAID), unsubscribe_url="https://preau.example/d/x?y=1&z=2")
    written = letterpress().write(queued, Stationery(town=TOWN), at=NOW)
    text, html = (str(written.get_body((kind,)).get_content()) for kind in ("plain", "html"))  # type: ignore[union-attr]  # every mail has both

    assert "https://preau.example/d/x?y=1&z=2" in text
    assert 'href="https://preau.example/d/x?y=1&amp;z=2"' in html


def test_a_subject_without_end_is_cut() -> None:
    written = letterpress().write(
        mail(ANSWERED.model_copy(update={"category_name": "x" * 100_000})), Stationery(town=TOWN), at=NOW
    )

    assert len(str(written["Subject"])) <= 900


@KIND
def test_a_kind_is_found_again_from_its_own_event(kind: LetterKind) -> None:
    assert kind_of_letter(kind.sample) is kind


def test_a_letter_of_the_platform_is_of_no_kind() -> None:
    assert kind_of_letter(LINK) is None


@KIND
def test_a_kind_names_each_fact_once_and_needs_only_its_own(kind: LetterKind) -> None:
    desk = Desk(town=TOWN, recipient=RECIPIENT, portal_url="https://preau.example", sender="a@b.example")

    assert len(set(kind.places)) == len(kind.places)
    assert set(kind.needs) <= set(kind.places)
    assert all(fact.value(kind.sample, desk) for fact in kind.all_facts)
    assert letter_of(kind.sample, desk)
