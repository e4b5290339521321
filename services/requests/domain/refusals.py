"""The ways requests says no, and how it names a field that is not right."""

from typing import Any, TypeAlias

from shared.errors import N_, BadInput, Refused

FieldError: TypeAlias = dict[str, Any]


def field_error(where: str, field: str, message: str, **facts: Any) -> FieldError:
    """`message` is a msgid with `%(fact)s` places; the door shows it in the reader's language."""
    return {"in": where, "field": field, "message": message, "facts": facts}


class CategoriesRefused(BadInput):
    """The town's file of categories is not usable; nothing of it was taken."""

    code = "categories-refused"
    title = N_("Categories not usable")
    sentence = N_("The file of request categories has errors; nothing was changed.")
    remedy = N_("Correct the places named in “errors” and import the file again.")


class ChildNeeded(BadInput):
    code = "child-needed"
    title = N_("Choose a child")
    sentence = N_("This request is about a child: say which one.")
    remedy = N_("Choose one of your children and send again.")


class AnswersRefused(BadInput):
    code = "answers-refused"
    title = N_("Answers to correct")
    sentence = N_("Some answers do not fit the form.")
    remedy = N_("Correct the fields named in “errors” and send again.")


class RequestIncomplete(BadInput):
    code = "request-incomplete"
    title = N_("Request incomplete")
    sentence = N_("Mandatory answers or documents are missing, or need correcting.")
    remedy = N_("Complete what “errors” names and submit again.")


class TooManyDrafts(Refused):
    code = "too-many-drafts"
    title = N_("Too many drafts")
    sentence = N_("Your household already has %(drafts)s requests that were begun and not submitted.")
    remedy = N_("Submit or delete one of them first.")


class AlreadyFiled(Refused):
    code = "already-filed"
    title = N_("Request already submitted")
    sentence = N_("This request was submitted on %(filed_at)s; it cannot be changed any more.")
    remedy = N_("Open a new request if something is to be added.")


class NotFiledYet(Refused):
    code = "not-filed-yet"
    title = N_("Request not submitted yet")
    sentence = N_("The family has not submitted this request yet.")
    remedy = N_("Wait until it is submitted.")


class AlreadyAnswered(Refused):
    code = "already-answered"
    title = N_("Request already answered")
    sentence = N_("This request was answered on %(answered_at)s.")
    remedy = N_("Read the answer in its history.")


class EffectIncomplete(BadInput):
    """An accepted request of this category does something elsewhere, and what that takes is not known."""

    code = "effect-incomplete"
    title = N_("Decision incomplete")
    sentence = N_("To accept this request, more must be known.")
    remedy = N_("Give what “errors” names with your decision.")


class NoEffect(BadInput):
    code = "no-effect"
    title = N_("Nothing to be given")
    sentence = N_("Requests of this category do nothing elsewhere when they are accepted.")
    remedy = N_("Send your decision with its message only.")


class FileKindRefused(BadInput):
    """The bytes are none of the accepted kinds, whatever they were declared as."""

    code = "file-kind-refused"
    status = 415
    title = N_("File not accepted")
    sentence = N_("Only these kinds of files are accepted: %(accepted)s.")
    remedy = N_("Scan or photograph the document, or export it as PDF, and send it again.")


class DeclaredKindDiffers(BadInput):
    code = "declared-kind-differs"
    status = 415
    title = N_("File not accepted")
    sentence = N_("The file is announced as %(declared)s but contains %(found)s.")
    remedy = N_("Send the file with the Content-Type it really has.")


class UploadTooSlow(BadInput):
    code = "upload-too-slow"
    status = 408
    title = N_("Upload too slow")
    sentence = N_("The file did not arrive within %(minutes)s minutes.")
    remedy = N_("Try again with a better connection or a lighter file.")


class FileUnreadable(BadInput):
    code = "file-unreadable"
    title = N_("File unreadable")
    sentence = N_("The file is damaged or incomplete: it cannot be opened.")
    remedy = N_("Check that it opens on your side, then send it again.")


class FileProtected(BadInput):
    code = "file-protected"
    title = N_("File protected")
    sentence = N_("The file is protected by a password: the town hall could not open it.")
    remedy = N_("Send a copy without a password.")


class ImageTooLarge(BadInput):
    code = "image-too-large"
    title = N_("Image too large")
    sentence = N_("The image has more than %(megapixels)s megapixels.")
    remedy = N_("Reduce the resolution of the image and send it again.")


class FilesQuotaReached(BadInput):
    """The drafts of the household hold as many bytes as they may."""

    code = "files-quota-reached"
    status = 429
    title = N_("No room left for documents")
    sentence = N_("The documents of your drafts may not exceed %(quota_mb)s MB together.")
    remedy = N_("Submit or delete a draft first.")


class AlreadyWithdrawn(Refused):
    code = "request-withdrawn"
    title = N_("Request withdrawn")
    sentence = N_("The family withdrew this request on %(withdrawn_at)s.")
    remedy = N_("Reopen it if it is to be processed after all.")
