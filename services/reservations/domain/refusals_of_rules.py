"""Why a regulation, or what a town offers, cannot be changed so."""

from shared.errors import N_, Refused


class PublishedStays(Refused):
    code = "published-stays"
    title = N_("Published versions stay as they are")
    sentence = N_("Version %(version)s is published: bookings and refusals name it.")
    remedy = N_("Make a draft of it, change that, and publish it as the next version.")


class DraftOutdated(Refused):
    code = "draft-outdated"
    title = N_("The regulation changed meanwhile")
    sentence = N_("This draft was written upon version %(based_on)s, and version %(version)s is in force now.")
    remedy = N_("Look at the version in force, save the draft again, then publish it.")


class CodeTaken(Refused):
    code = "code-taken"
    title = N_("This code is taken")
    sentence = N_("“%(value)s” is there already.")
    remedy = N_("Choose another code, or change the one that is there.")
