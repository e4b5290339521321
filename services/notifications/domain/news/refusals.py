"""The ways news says no."""

from shared.errors import N_, BadInput, Refused


class NewsEndsTooSoon(BadInput):
    """It would not be shown for a moment."""

    code = "news-ends-too-soon"
    title = N_("The end comes before the beginning")
    sentence = N_("This news item would end before families could read it.")
    remedy = N_("Choose a later end, or none.")


class NewsOut(Refused):
    """Families were told of it already."""

    code = "news-already-published"
    title = N_("Already published")
    sentence = N_("This news item is published: families were told of it, and whom it is for cannot change any more.")
    remedy = N_("Change its words or its end, or withdraw it and write another one.")


class NewsGone(Refused):
    code = "news-withdrawn"
    title = N_("Withdrawn")
    sentence = N_("This news item was withdrawn.")
    remedy = N_("Write another one.")


class TooManyFiles(Refused):
    code = "news-files-full"
    title = N_("No more files")
    sentence = N_("A news item holds at most %(most)s files of this kind.")
    remedy = N_("Remove one first.")


class PictureUnreadable(BadInput):
    """No picture of an accepted kind, or a damaged one."""

    code = "news-picture-unreadable"
    title = N_("Unreadable picture")
    sentence = N_("This file could not be read as a JPEG, PNG or WebP picture.")
    remedy = N_("Open the picture, save it as JPEG and send it again.")


class PictureTooLarge(BadInput):
    code = "news-picture-too-large"
    title = N_("Picture too large")
    sentence = N_("This picture has more than %(megapixels)s million pixels.")
    remedy = N_("Make the picture smaller and send it again.")


class DocumentUnreadable(BadInput):
    code = "news-document-unreadable"
    title = N_("Unreadable document")
    sentence = N_("This file could not be read as a PDF.")
    remedy = N_("Save the document as PDF again, without a password.")


class DocumentActive(BadInput):
    """It would run something, or carries other files, on the readers' machines."""

    code = "news-document-active"
    title = N_("This PDF holds a programme")
    sentence = N_("This PDF holds scripts, actions or other files, which families must not open.")
    remedy = N_("Print the document as a PDF and send that one.")
