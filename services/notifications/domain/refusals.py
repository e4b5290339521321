"""The ways notifications says no."""

from shared.errors import N_, BadInput


class NewsEmpty(BadInput):
    """Nothing is left to read once everything but text formatting is taken out."""

    code = "news-empty"
    title = N_("Empty news item")
    sentence = N_("Nothing is left to read in this news item: only text, lists and links are kept.")
    remedy = N_("Write the text of the news item and publish it again.")
