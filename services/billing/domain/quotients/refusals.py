"""Why a quotient is not taken, or not asked for."""

from shared.errors import N_, BadInput, Refused


class ReceivedInTheFuture(BadInput):
    code = "received-in-the-future"
    title = N_("Not received yet")
    sentence = N_("A quotient cannot be received after today.")
    remedy = N_("Give the day its proof reached the town.")


class WhichFamily(BadInput):
    code = "which-family"
    title = N_("Which family?")
    sentence = N_("Name the family by its reference or by its household, one of the two.")
    remedy = N_("Send “reference” or “household_id”.")


class ServiceNotOffered(Refused):
    code = "quotient-service-not-offered"
    title = N_("Not offered by this town")
    sentence = N_("This town does not ask the national service for quotients.")
    remedy = N_("Send your quotient's proof to the town with a request, or bring it to the town hall.")
