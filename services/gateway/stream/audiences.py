"""Who hears of which fact: a flat table. What is not in it reaches no family, whatever its body says."""

from collections.abc import Mapping

from shared.auth import Role

# Told to the household named in the fact: they are about it, and its own pages show them.
TO_ITS_HOUSEHOLD = frozenset(
    {
        "billing.credit_note_issued.v1",
        "billing.debit_cancelled.v1",
        "billing.debit_planned.v1",
        "billing.debit_rejected.v1",
        "billing.debt_handed_over.v1",
        "billing.debt_taken_back.v1",
        "billing.invoice_issued.v1",
        "billing.invoices_paid.v1",
        "billing.line_contested.v1",
        "billing.mandate_ended.v1",
        "billing.mandate_signed.v1",
        "billing.order_paid.v1",
        "billing.payment_failed.v1",
        "billing.payment_started.v1",
        "billing.receipt_cancelled.v1",
        "billing.receipt_issued.v1",
        "billing.refund_due.v1",
        "billing.refund_paid.v1",
        "billing.reminder_sent.v1",
        "identity.adhesion_ended.v1",
        "identity.adhesion_joined.v1",
        "identity.change_decided.v1",
        "identity.change_requested.v1",
        "identity.child_changed.v1",
        "identity.custody_set.v1",
        "identity.guardian_changed.v1",
        "identity.household_changed.v1",
        "identity.household_reconfirmed.v1",
        "identity.pickup_persons_changed.v1",
        "identity.reconfirmation_asked.v1",
        "requests.file_infected.v1",
        "requests.message_sent.v1",
        "requests.more_asked.v1",
        "notifications.address_unreachable.v1",
        "requests.request_answered.v1",
        "requests.request_assigned.v1",
        "requests.request_completed.v1",
        "requests.request_filed.v1",
        "requests.request_reopened.v1",
        "requests.request_withdrawn.v1",
        "reservations.absence_proof_decided.v1",
        "reservations.absence_reported.v1",
        "reservations.attendance_marked.v1",
        "reservations.attendance_unmarked.v1",
        "reservations.booking_cancelled.v1",
        "reservations.booking_confirmed.v1",
        "reservations.booking_request_decided.v1",
        "reservations.booking_requested.v1",
        "reservations.cancellation_asked.v1",
        "reservations.places_held.v1",
        "reservations.places_lost.v1",
        "reservations.places_released.v1",
        "reservations.sheet_closed.v1",
        "reservations.usual_week_missed.v1",
        "reservations.waiting_list_joined.v1",
        "reservations.waiting_list_left.v1",
        "reservations.waiting_offer_ended.v1",
        "reservations.waiting_place_offered.v1",
    }
)
# Told to every family of the town: they name nobody, and any of them may look at what changed. Not one that says it is
# for some families only (`for_everybody`).
TO_EVERY_FAMILY = frozenset(
    {
        "identity.municipality_set.v1",
        "notifications.news_published.v1",
        "notifications.news_withdrawn.v1",
        "reservations.calendar_changed.v1",
        "reservations.disruption_declared.v1",
        "reservations.disruption_undone.v1",
        "reservations.programme_published.v1",
        "reservations.regulation_published.v1",
    }
)
# After them there may be more or fewer places on the days they name.
MOVES_PLACES = frozenset(
    {
        "reservations.booking_cancelled.v1",
        "reservations.booking_confirmed.v1",
        "reservations.booking_request_decided.v1",
        "reservations.booking_requested.v1",
        "reservations.places_held.v1",
        "reservations.places_lost.v1",
        "reservations.places_released.v1",
        "reservations.waiting_offer_ended.v1",
        "reservations.waiting_place_offered.v1",
    }
)
# After them a token says of its owner what is no longer so: the stream ends, and its owner asks for another token.
CHANGES_RIGHTS = frozenset(
    {
        "identity.account_closed.v1",
        "identity.adhesion_ended.v1",
        "identity.adhesion_joined.v1",
        "identity.agent_roles_set.v1",
        "identity.households_merged.v1",
        "identity.households_unmerged.v1",
    }
)
# Of which services' facts an agent hears in a town where they have one of these roles.
ROLES_OF: Mapping[str, frozenset[Role]] = {
    "billing": frozenset({Role.MANAGER, Role.CASHIER}),
    "identity": frozenset({Role.MANAGER, Role.REGISTRAR}),
    "notifications": frozenset({Role.MANAGER, Role.EDITOR}),
    "requests": frozenset({Role.MANAGER, Role.REGISTRAR}),
    "reservations": frozenset({Role.MANAGER, Role.REGISTRAR, Role.ATTENDANCE}),
}
# And in one programme only: what names the programme.
ROLES_IN_A_PROGRAMME: Mapping[str, frozenset[Role]] = {"reservations": ROLES_OF["reservations"]}
