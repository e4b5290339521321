"""Why a day cannot be booked or cancelled. Facts: `activity` and `label` are names, instants are in the town's zone."""

from shared.errors import N_, Refused


class NotEnrolled(Refused):
    code = "not-enrolled"
    title = N_("Not enrolled on that day")
    sentence = N_("The child is not enrolled in “%(programme)s” on %(day)s.")
    remedy = N_("Ask the town hall to enrol the child: %(contact)s.")


class NotForThisChild(Refused):
    """By the audience of the activity; `audience` says whom it is for."""

    code = "not-for-this-child"
    title = N_("Not for this child")
    sentence = N_("“%(activity)s” is for %(audience)s; on %(day)s the child is not one of them.")
    remedy = N_("Choose another activity. If what is known of the child is wrong, contact the town hall: %(contact)s.")


class NotThatWeekday(Refused):
    code = "not-that-weekday"
    title = N_("Not on that day of the week")
    sentence = N_("“%(activity)s” does not take place on %(day)s.")
    remedy = N_("Choose another day.")


class OnlyInHolidays(Refused):
    code = "only-in-holidays"
    title = N_("Only in the school holidays")
    sentence = N_("“%(activity)s” takes place in the school holidays only; %(day)s is a school day.")
    remedy = N_("Choose a day of the school holidays.")


class PublicHolidayThen(Refused):
    code = "public-holiday"
    title = N_("Public holiday")
    sentence = N_("%(day)s is a public holiday (%(label)s).")
    remedy = N_("Choose another day.")


class SchoolHolidayThen(Refused):
    code = "school-holiday"
    title = N_("School holidays")
    sentence = N_("“%(activity)s” does not take place in the school holidays (%(label)s).")
    remedy = N_("Choose a school day.")


class ClosedThen(Refused):
    code = "closed-day"
    title = N_("Closed")
    sentence = N_("The site is closed on %(day)s (%(label)s).")
    remedy = N_("Choose another day.")


class NoWindow(Refused):
    code = "no-window"
    title = N_("No period foreseen")
    sentence = N_("The regulation foresees no period to book or cancel “%(activity)s” on %(day)s.")
    remedy = N_("Contact the town hall: %(contact)s.")


class NotYetOpen(Refused):
    code = "not-yet-open"
    title = N_("Not open yet")
    sentence = N_("“%(activity)s” on %(day)s opens on %(opens)s.")
    remedy = N_("Come back from %(opens)s; it is possible until %(limit)s.")


class DeadlinePassed(Refused):
    code = "deadline-passed"
    title = N_("Too late")
    sentence = N_(
        "“%(activity)s” on %(day)s could be changed until %(limit)s (rule %(rule)s, version %(rule_version)s)."
    )
    remedy = N_("Choose a later day, or contact the town hall: %(contact)s.")


class ExcludedBy(Refused):
    code = "excluded"
    title = N_("Not together")
    sentence = N_("“%(activity)s” cannot be booked on the same day as “%(other)s”.")
    remedy = N_("Cancel “%(other)s” first.")


class RequiredFirst(Refused):
    code = "required-first"
    title = N_("Something else is needed")
    sentence = N_("“%(activity)s” needs “%(other)s” on the same day.")
    remedy = N_("Book “%(other)s” too.")


class StillRequired(Refused):
    code = "still-required"
    title = N_("Still needed")
    sentence = N_("“%(activity)s” is needed by “%(other)s” on the same day.")
    remedy = N_("Cancel “%(other)s” too.")
