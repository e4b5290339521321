"""What a town may write in its news."""

import pytest

from services.notifications.domain.news import sanitised
from services.notifications.domain.refusals import NewsEmpty


@pytest.mark.parametrize(
    "kept",
    [
        "<p>Bonjour</p>",
        "<ul><li>un</li><li>deux</li></ul>",
        "<h2>Titre</h2>",
        "<p><strong>gras</strong> et <em>italique</em></p>",
        "<blockquote>cité</blockquote>",
    ],
)
def test_text_formatting_is_kept(kept: str) -> None:
    assert sanitised(kept) == kept


@pytest.mark.parametrize(
    "scheme", ["https://a.example/", "http://a.example/", "mailto:a@b.example", "tel:+33123456789"]
)
def test_links_are_kept_and_tell_nobody_where_the_reader_came_from(scheme: str) -> None:
    assert sanitised(f'<a href="{scheme}">lien</a>') == f'<a href="{scheme}" rel="noopener noreferrer">lien</a>'


@pytest.mark.parametrize("target", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "java\nscript:x"])
def test_a_link_that_would_run_something_loses_its_target(target: str) -> None:
    assert "href" not in sanitised(f'<a href="{target}">lien</a>')


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe src=//evil></iframe>",
        "<style>p{}</style>",
        '<p onclick="x()" style="color:red" class="y" id="z">',
        "<form action=//evil><input name=a></form>",
        "<math><mi//xlink:href=javascript:x>",
        "<base href=//evil>",
        "<!-- hidden -->",
    ],
)
def test_what_is_not_text_formatting_is_taken_out(evil: str) -> None:
    cleaned = sanitised(f"<p>avant</p><p>après</p>{evil}")

    assert "avant" in cleaned
    assert "après" in cleaned
    for word in ("script", "alert", "on", "evil", "style", "form", "hidden", "class", "id="):
        assert f"<{word}" not in cleaned
        assert f" {word}" not in cleaned


def test_cleaning_twice_changes_nothing_more() -> None:
    once = sanitised("<p>a <b>b</b> <script>c</script> &lt;d&gt; <a href='https://e.example'>e</a></p>")

    assert sanitised(once) == once


def test_plain_text_becomes_paragraphs_and_line_ends() -> None:
    assert (
        sanitised("Bonjour,\nà tous.\r\n\r\nMerci & à bientôt")
        == "<p>Bonjour,<br>à tous.</p><p>Merci &amp; à bientôt</p>"
    )


def test_text_written_with_entities_is_not_escaped_twice() -> None:
    assert sanitised("Pique-nique &amp; jeux") == "<p>Pique-nique &amp; jeux</p>"


@pytest.mark.parametrize(
    "empty", ["<p> </p>", "<script>alert(1)</script>", "<p>&nbsp;</p>", "<img src=x>", "<ul><li></li></ul>"]
)
def test_news_with_nothing_to_read_are_refused(empty: str) -> None:
    with pytest.raises(NewsEmpty):
        sanitised(empty)
