"""An agent's word that two references of the town mean one child, who lives in two households."""

from shared.errors import N_, Refused


class ReferenceUnknown(Refused):
    code = "reference-unknown"
    status = 404
    title = N_("No such child")
    sentence = N_("No family file of the town names a child with the reference %(reference)s.")
    remedy = N_("Check the references, or import the family files first.")


class NotTheSameChild(Refused):
    code = "not-the-same-child"
    title = N_("Not the same child")
    sentence = N_("The two files give different birth dates: %(one)s and %(other)s.")
    remedy = N_("Correct the wrong file first.")


class KnownApart(Refused):
    """Each has bookings and invoices of its own by now."""

    code = "children-known-apart"
    title = N_("Already known as two children")
    sentence = N_("Both families have joined and each has its own child by now.")
    remedy = N_("Merge the two in the list of duplicates.")
