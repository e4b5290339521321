"""An article's life, whom it is for, and what may be joined to it."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from services.notifications.domain.copies import Names
from services.notifications.domain.news.audience import Audience, Reader
from services.notifications.domain.news.files import MOST_PIXELS, SMALL_SIDE, checked_pdf, drawn, shown_name
from services.notifications.domain.news.item import (
    MOST_PICTURES,
    NewsItem,
    Picture,
    Plan,
    Words,
    drafted,
    due,
    edited,
    published,
    with_picture,
    withdrawn,
    without_file,
)
from services.notifications.domain.news.refusals import (
    DocumentActive,
    DocumentUnreadable,
    NewsEndsTooSoon,
    NewsGone,
    NewsOut,
    PictureTooLarge,
    PictureUnreadable,
    TooManyFiles,
)
from services.notifications.domain.news.rich_text import sanitised
from services.notifications.domain.wording import words_of
from shared.contracts.notifications import NewsPublished, NewsWithdrawn
from tests.notifications.news import (
    ACACIAS,
    CANTEEN,
    CENTRE,
    LATER,
    TILLEULS,
    TOWN,
    article,
    draft,
    pdf,
    picture,
    place,
)
from tests.notifications.samples import NOW

WORDS = Words(title="Fermeture", category="Information", body_html="<p>Lundi</p>")
CANTEEN_ONLY = Audience(programme_ids=(CANTEEN,))
PICTURE = Picture(id="pic_1", alt="La cour", width=10, height=10)


def written(**plan: Any) -> NewsItem:
    return drafted("nws_1", TOWN, "acc_1", WORDS, Plan(**plan), NOW)


# --- states --------------------------------------------------------------------------------------------------------


def test_what_is_written_is_a_draft_or_waits_for_its_time() -> None:
    assert written().state == "draft"
    assert written(publish_at=LATER).state == "scheduled"
    assert written().published_at is None


def test_a_published_article_is_told_with_whether_it_is_for_everybody() -> None:
    out, (event,) = published(written(audience=CANTEEN_ONLY), "acc_2", NOW)

    assert (out.state, out.published_at, out.published_by, out.version) == ("published", NOW, "acc_2", 2)
    assert event == NewsPublished(
        news_id="nws_1", municipality_id=TOWN, category="Information", published_at=NOW, for_everybody=False
    )


def test_an_article_is_published_once() -> None:
    out, _ = published(written(), "acc_1", NOW)

    with pytest.raises(NewsOut):
        published(out, "acc_1", NOW)


def test_an_article_is_shown_from_its_publication_until_its_end() -> None:
    out, _ = published(written(until=LATER), "acc_1", NOW)

    assert not written().is_current(NOW)
    assert out.is_current(LATER - timedelta(seconds=1))
    assert not out.is_current(LATER)
    assert [out.shown_state(at) for at in (NOW, LATER)] == ["published", "ended"]


@pytest.mark.parametrize(
    "plan", [{"until": NOW}, {"until": NOW - timedelta(days=1)}, {"publish_at": LATER, "until": LATER}]
)
def test_an_article_that_would_never_be_shown_is_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(NewsEndsTooSoon):
        written(**plan)


def test_a_scheduled_article_is_published_when_its_time_comes() -> None:
    out, events = due(written(publish_at=LATER), LATER)

    assert (out.state, out.publish_at, out.published_at) == ("published", None, LATER)
    assert len(events) == 1


def test_one_whose_end_passed_while_nothing_ran_waits_for_its_editor() -> None:
    item = written(publish_at=LATER, until=LATER + timedelta(hours=1))

    late, events = due(item, LATER + timedelta(days=1))

    assert (late.state, events) == ("draft", [])


def test_before_it_is_out_everything_can_change() -> None:
    plan = Plan(publish_at=LATER, audience=CANTEEN_ONLY, ways=("mail",), pinned=True)

    changed = edited(draft(), WORDS, plan, NOW)

    assert (changed.state, changed.audience, changed.ways, changed.version) == ("scheduled", CANTEEN_ONLY, ("mail",), 2)


def test_once_it_is_out_its_words_its_end_and_its_pin_can_change() -> None:
    changed = edited(article(), WORDS, Plan(until=LATER, pinned=True), NOW)

    assert (changed.title, changed.until, changed.pinned, changed.state) == ("Fermeture", LATER, True, "published")
    assert changed.published_at == article().published_at


def test_once_it_is_out_it_can_be_ended_at_once() -> None:
    assert edited(article(), WORDS, Plan(until=NOW), NOW).shown_state(NOW) == "ended"


@pytest.mark.parametrize("plan", [Plan(audience=CANTEEN_ONLY), Plan(ways=("mail",)), Plan(publish_at=LATER)])
def test_whom_it_was_told_to_cannot_change_afterwards(plan: Plan) -> None:
    with pytest.raises(NewsOut):
        edited(article(), WORDS, plan, NOW)


def test_what_was_taken_back_is_told_so_that_pages_let_it_go() -> None:
    gone, events = withdrawn(article(), NOW)

    assert events == [NewsWithdrawn(news_id="nws_0001", municipality_id=TOWN, withdrawn_at=NOW)]
    for verb in (lambda: withdrawn(gone, NOW), lambda: edited(gone, WORDS, Plan(), NOW)):
        with pytest.raises(NewsGone):
            verb()
    with pytest.raises(NewsGone):
        published(gone, "acc_1", NOW)


def test_a_draft_is_taken_back_without_a_word() -> None:
    assert withdrawn(draft(), NOW)[1] == []


def test_a_message_about_an_article_that_is_gone_says_so() -> None:
    event = NewsPublished(news_id="nws_1", municipality_id=TOWN, category="Information", published_at=NOW)

    assert words_of(event, Names(news={"nws_1": "Menu"}), "fr").body.facts == {"title": "Menu"}
    assert words_of(event, Names(), "fr").body.msgid == "This news item is no longer shown."


# --- audience ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ({}, True),
        ({"programme_ids": (CANTEEN,)}, True),
        ({"programme_ids": (CENTRE,)}, False),
        ({"programme_ids": (CENTRE, CANTEEN)}, True),
        ({"site_ids": (TILLEULS,)}, True),
        ({"site_ids": (ACACIAS,)}, False),
        ({"groups": ("CP", "CE1")}, True),
        ({"groups": ("CM2",)}, False),
        ({"programme_ids": (CANTEEN,), "groups": ("CM2",)}, False),
        ({"programme_ids": (CANTEEN,), "site_ids": (TILLEULS,), "groups": ("CP",)}, True),
    ],
)
def test_an_audience_means_enrolments_that_are_of_everything_it_names(named: Any, meant: bool) -> None:
    assert Audience(**named).concerns([place()]) is meant


def test_two_enrolments_do_not_make_one() -> None:
    canteen_of_cp = Audience(programme_ids=(CANTEEN,), groups=("CP",))

    assert not canteen_of_cp.concerns([place(CANTEEN, group="CM2"), place(CENTRE, group="CP")])


def test_a_reader_of_one_town_is_no_reader_of_another() -> None:
    both = Reader(agent_of=frozenset({"a"}), family_of=frozenset({"a", "b"}))

    assert both.only_in("b").towns == frozenset({"b"})
    assert both.only_in("c").towns == frozenset()


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vector",
    [
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=1 href=1 onerror='javascript:alert(1)'>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<a href='&#106;&#97;&#118;&#97;script:alert(1)'>x</a>",
        "<a href='vbscript:msgbox(1)'>x</a>",
        "<a href=' &#14; javascript:alert(1)'>x</a>",
        "<a href='//evil.example' target=_blank onclick=alert(1)>x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
        "<template><script>alert(1)</script></template>",
        "<details open ontoggle=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<video><source onerror=alert(1)></video>",
        "<object data='data:text/html,<script>alert(1)</script>'></object>",
        "<embed src='javascript:alert(1)'>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<xmp><script>alert(1)</script></xmp>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<p>\u202e<script>alert(1)</script></p>",
        '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
        "<form><button formaction=javascript:alert(1)>x</button></form>",
        "<base href='javascript:/a/'><a href='/. /a/'>x</a>",
    ],
)
def test_no_markup_runs_or_fetches_anything(vector: str) -> None:
    cleaned = sanitised(f"<p>avant</p>{vector}").lower()

    tags = {piece.split(">")[0].split(" ")[0].strip("/") for piece in cleaned.split("<")[1:]}
    assert tags <= {"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "h2", "h3", "blockquote", "a"}
    inside = [piece.split(">")[0] for piece in cleaned.split("<")[1:]]
    assert not [one for one in inside if "javascript:" in one or "vbscript" in one or "data:" in one or " on" in one]
    assert not [one for one in inside if "style" in one or "src" in one]


def test_a_nest_of_markup_costs_no_time_and_no_stack() -> None:
    assert "mot" in sanitised("<blockquote>" * 3_000 + "mot")


# --- pictures and documents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG"),
        picture("PNG"),
        picture("PNG", mode="RGBA"),
        picture("PNG", mode="P"),
        picture("PNG", mode="L"),
        picture("WEBP"),
        picture("JPEG", size=(3_000, 2_000)),
    ],
)
def test_a_picture_comes_out_as_two_jpegs_of_a_bounded_size(data: bytes) -> None:
    made = drawn(data)

    large, small = Image.open(io.BytesIO(made.large)), Image.open(io.BytesIO(made.small))
    assert (large.format, small.format, large.size) == ("JPEG", "JPEG", (made.width, made.height))
    assert max(large.size) <= 1_600
    assert max(small.size) <= SMALL_SIDE


def test_a_picture_leaves_behind_where_and_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0110] = "Téléphone de Claire"
    exif[0x8825] = {1: "N", 2: (45.0, 10.0, 0.0)}
    data = picture("JPEG", exif=exif, comment=b"chez moi <script>")

    made = drawn(data)

    assert b"Claire" in data
    for content in (made.large, made.small):
        assert b"Exif" not in content
        assert b"script" not in content
        assert not Image.open(io.BytesIO(content)).getexif()


def test_a_picture_taken_sideways_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    made = drawn(picture("JPEG", size=(80, 40), exif=exif))

    assert (made.width, made.height) == (40, 80)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is as wide and high as a field."""
    head = bytearray(picture("PNG"))
    head[16:24] = (30_000).to_bytes(4, "big") * 2
    return bytes(head)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"GIF89a" + b"\0" * 100,
        b"<svg onload=alert(1)>",
        b"%PDF-1.7",
        picture("JPEG")[:200],
        b"\xff\xd8" + b"\xff\xda" * 500,
        picture("GIF", mode="P"),
        picture("TIFF"),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        b"MZ" + b"\0" * 200,
    ],
)
def test_what_is_no_picture_through_and_through_is_refused(hostile: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        drawn(hostile)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_opened() -> None:
    assert MOST_PIXELS < 30_000 * 30_000
    with pytest.raises((PictureTooLarge, PictureUnreadable)):
        drawn(bomb())


def test_what_was_hidden_behind_a_picture_is_gone() -> None:
    made = drawn(picture("JPEG") + b"<script>alert(1)</script>PK\x03\x04")

    assert b"script" not in made.large
    assert b"PK\x03\x04" not in made.large


def test_a_plain_pdf_is_taken() -> None:
    checked_pdf(pdf(pages=2))


@pytest.mark.parametrize("hostile", [pdf(script=True), pdf(attached=True)])
def test_a_pdf_that_does_or_carries_something_is_refused(hostile: bytes) -> None:
    with pytest.raises(DocumentActive):
        checked_pdf(hostile)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"%PDF-1.7\n%%EOF",
        b"<html>%PDF-1.7" + pdf(),
        b"GIF89a;" + pdf(),
        pdf(password="secret"),
        pdf()[:120],
        b"PK\x03\x04" + pdf(),
        b"%PDF-1.7\n1 0 obj<</Pages 1 0 R>>endobj trailer<</Root 1 0 R>>",
    ],
)
def test_what_is_no_readable_pdf_from_its_first_byte_is_refused(hostile: bytes) -> None:
    with pytest.raises(DocumentUnreadable):
        checked_pdf(hostile)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Menu de décembre.pdf", "Menu de décembre.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Windows\\menu.PDF", "menu.pdf"),
        ("menu\r\nSet-Cookie: a=b.pdf", "menuSet-Cookie: a=b.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("a" * 500, "a" * 116 + ".pdf"),
        ("nul\x00.pdf", "nul.pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert shown_name(given) == kept


def test_an_article_holds_so_many_pictures() -> None:
    full = replace(article(), pictures=(PICTURE,) * MOST_PICTURES)

    with pytest.raises(TooManyFiles):
        with_picture(full, PICTURE)
    with pytest.raises(NewsGone):
        with_picture(article(state="withdrawn"), PICTURE)


def test_a_file_is_taken_out_of_an_article_once() -> None:
    item = with_picture(article(), PICTURE)

    without = without_file(item, "pic_1")

    assert (without.pictures, without.version) == ((), 3)
    assert without_file(without, "pic_1") is without
