"""The words of an article: limited HTML, so that a page can show it as it is."""

import html

import nh3

from services.notifications.domain.refusals import NewsEmpty

TAGS = {"p", "br", "strong", "b", "em", "i", "u", "ul", "ol", "li", "h2", "h3", "blockquote", "a"}
SCHEMES = {"http", "https", "mailto", "tel"}
HIDDEN = {"script", "style", "title", "template", "noscript"}


def sanitised(body: str) -> str:
    """The body with text formatting and links only. Raises `NewsEmpty`."""
    written = body if "<" in body else _paragraphs(body)
    kept = nh3.clean(
        written,
        tags=TAGS,
        clean_content_tags=HIDDEN,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()
    if not _text_of(kept):
        raise NewsEmpty()
    return kept


def _paragraphs(text: str) -> str:
    """Plain text as HTML: an empty line ends a paragraph."""
    blocks = (block.strip() for block in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{html.escape(html.unescape(block)).replace(chr(10), '<br>')}</p>" for block in blocks if block)


def _text_of(markup: str) -> str:
    return html.unescape(nh3.clean(markup, tags=set())).strip()
