"""The ways the processing of a request says no."""

from shared.errors import N_, BadInput, Refused


class NothingAsked(Refused):
    code = "nothing-asked"
    title = N_("Nothing is asked for")
    sentence = N_("The town hall is not waiting for anything from you about this request.")
    remedy = N_("Write a message if you have something to add.")


class UnknownItems(BadInput):
    """An agent asks for fields or documents the category has not."""

    code = "unknown-items"
    title = N_("Nothing of that name")
    sentence = N_("The form of this request does not have everything that is asked for.")
    remedy = N_("Ask for fields and documents of its category only.")


class NotAsked(BadInput):
    """A family changes answers that nobody asked for anew."""

    code = "answer-not-asked"
    title = N_("Answer already given")
    sentence = N_("Only the answers the town hall asks for can be changed now.")
    remedy = N_("Leave the others as they were, or write a message.")


class StillOpen(Refused):
    code = "request-still-open"
    title = N_("Request still open")
    sentence = N_("This request is being processed: there is nothing to reopen.")
    remedy = N_("Answer it, or ask the family for more.")


class AgentUnknown(BadInput):
    code = "agent-unknown"
    title = N_("Agent not known")
    sentence = N_("No agent of this town who may process requests has this account.")
    remedy = N_("Choose an agent with the role registrar or manager.")


class StepUnknown(BadInput):
    code = "step-unknown"
    title = N_("Step not known")
    sentence = N_("The workflow of this category has no such step.")
    remedy = N_("Choose one of the steps of the request.")


class TooManyMessages(Refused):
    code = "too-many-messages"
    title = N_("Too many messages")
    sentence = N_("This request already has %(most)s messages.")
    remedy = N_("Open a new request if something is to be added.")


class TooManyNotes(Refused):
    code = "too-many-notes"
    title = N_("Too many notes")
    sentence = N_("This request already has %(most)s internal notes.")
    remedy = N_("Write what is left to say to the colleague who has the request.")


class TooManyTemplates(Refused):
    code = "too-many-templates"
    title = N_("Too many templates")
    sentence = N_("The town already has %(most)s answer templates.")
    remedy = N_("Delete one that is no longer used.")


class TemplateRefused(BadInput):
    code = "template-refused"
    title = N_("Template not usable")
    sentence = N_("The template names something that cannot be filled in.")
    remedy = N_("Correct the places named in “errors”.")
