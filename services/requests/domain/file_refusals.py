"""The ways the service says no about files it has, or cannot take now."""

from shared.errors import N_, BadInput, Refused


class NoFilesKey(Refused):
    """The installation was given no key to keep documents unreadable with."""

    code = "no-files-key"
    status = 503
    title = N_("Documents cannot be kept")
    sentence = N_("This installation has no key to keep documents unreadable.")
    remedy = N_("Ask who operates it to set REQUESTS_FILES_KEY.")


class FileInQuarantine(Refused):
    code = "file-in-quarantine"
    title = N_("Document being checked")
    sentence = N_("This document is being checked for viruses; nobody can open it until that is done.")
    remedy = N_("Try again in a few minutes.")


class FileInfectedRemoved(Refused):
    code = "file-infected"
    status = 410
    title = N_("Document removed")
    sentence = N_("The antivirus found something in this document; it was removed.")
    remedy = N_("Send it again from a machine that was checked, or bring the document on paper.")


class FilePurged(Refused):
    code = "file-purged"
    status = 410
    title = N_("Document no longer kept")
    sentence = N_("This document was kept as long as it was needed, and deleted.")
    remedy = N_("Ask the family for it again if it is needed.")


class FileActive(BadInput):
    """A document that runs something when it is opened."""

    code = "file-active"
    title = N_("File not accepted")
    sentence = N_("The document holds a program that starts when it is opened.")
    remedy = N_("Print it to a new PDF, or scan it, and send that.")


class TooManyFiles(BadInput):
    code = "too-many-files"
    status = 429
    title = N_("Too many files")
    sentence = N_("This request already holds %(most)s files.")
    remedy = N_("Send the message with the files that are ready, or open a new request.")


class ValidityPast(BadInput):
    code = "validity-past"
    title = N_("Date to correct")
    sentence = N_("The document would not be valid any more, or for longer than %(years)s years.")
    remedy = N_("Give the day until which the document is valid.")


class KindUnknown(BadInput):
    code = "document-kind-unknown"
    title = N_("Document not known")
    sentence = N_("No request of the town asks for such a document of this household or child.")
    remedy = N_("Choose one of the checklist.")


class NotToBeVerified(Refused):
    code = "not-to-be-verified"
    title = N_("Document not there")
    sentence = N_("This request holds no document of this kind that can be read.")
    remedy = N_("Choose a request with the document, or verify it without naming a request.")
