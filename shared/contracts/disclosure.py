"""What of each fact a partner may be told: by type and profile, the fields it is given, and never another one.

Every event on the `events` exchange has a row, here or in `WITHHELD`; a field a contract gains later is given to nobody
until somebody writes it here. `days.date` is the field `date` of each of the `days`. No profile is given a name of a
person; `kitchen` and `accounting` are given no child, `kitchen` no household either.
"""

from collections.abc import Mapping
from typing import TypeAlias

KITCHEN = "kitchen"
ACCOUNTING = "accounting"
TOWN_SOFTWARE = "town_software"
PROFILES: Mapping[str, str] = {
    KITCHEN: "Meals to prepare, by activity, site and diet, and the days on which there are none. Nobody is named.",
    ACCOUNTING: "Invoices, credits, payments, receipts, debits, debts: amounts and references. No child, no name.",
    TOWN_SOFTWARE: "Households and children by id and by the town's own references: adhesions, enrolments, bookings.",
}

Fields: TypeAlias = tuple[str, ...]
Row: TypeAlias = Mapping[str, Fields]

TOWN: Fields = ("municipality_id",)
FAMILY: Fields = (*TOWN, "household_id")
CHILD: Fields = (*FAMILY, "child_id")
SHEET: Fields = (*CHILD, "programme_id", "month")
SHEET_DAYS: Fields = (*SHEET, "days.activity_id", "days.date")
OFFICE: Fields = (*FAMILY, "cash_office_id")
RECEIPT: Fields = (*OFFICE, "receipt_id", "number", "mode", "amount_cents", "pieces")
DEBIT: Fields = (*OFFICE, "debit_id", "invoice_id", "invoice_number", "amount_cents", "collect_on")
DEBT: Fields = (*OFFICE, "order_id", "invoice_ids", "invoice_numbers", "amount_cents")
ENROLMENT: Fields = (*TOWN, "enrolment_id", "reference", "child_ids", "programme_id", "site_id")
MERGE: Fields = (*TOWN, "kept_household_id", "merged_household_id", "children.kept", "children.merged")
WAITING: Fields = (*CHILD, "activity_id", "date")


def _for(*profiles: str, fields: Fields) -> Row:
    return dict.fromkeys(profiles, fields)


IDENTITY: Mapping[str, Row] = {
    "identity.municipality_set.v1": _for(
        KITCHEN, ACCOUNTING, TOWN_SOFTWARE, fields=(*TOWN, "name", "time_zone", "school_zone", "public_holidays")
    ),
    "identity.adhesion_joined.v1": _for(
        TOWN_SOFTWARE,
        fields=(*FAMILY, "family_file_id", "family_reference", "resident", "children.child_id", "children.reference"),
    ),
    "identity.adhesion_ended.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "family_file_id")),
    "identity.family_invited.v1": _for(TOWN_SOFTWARE, fields=(*TOWN, "family_file_id")),
    "identity.household_changed.v1": _for(TOWN_SOFTWARE, fields=("household_id", "changed")),
    "identity.household_reconfirmed.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "at")),
    "identity.child_changed.v1": _for(TOWN_SOFTWARE, fields=("household_id", "child_id", "change")),
    "identity.households_merged.v1": _for(TOWN_SOFTWARE, fields=MERGE),
    "identity.households_unmerged.v1": _for(TOWN_SOFTWARE, fields=MERGE),
    # So that what a partner copied goes too.
    "privacy.household_erased.v1": _for(TOWN_SOFTWARE, ACCOUNTING, fields=("household_id", "former_ids")),
}
MEALS: Mapping[str, Row] = {
    "reservations.meal_order_frozen.v1": _for(
        KITCHEN,
        TOWN_SOFTWARE,
        fields=(
            *(*TOWN, "programme_id", "date", "due_at"),
            *("counts.activity_id", "counts.site_id", "counts.diet", "counts.count"),
        ),
    ),
    "reservations.meal_order_amended.v1": _for(
        KITCHEN,
        TOWN_SOFTWARE,
        fields=(
            *(*TOWN, "programme_id", "date", "number", "changes.activity_id", "changes.site_id", "changes.diet"),
            *("changes.before", "changes.after"),
        ),
    ),
    "reservations.programme_published.v1": _for(
        KITCHEN,
        ACCOUNTING,
        TOWN_SOFTWARE,
        fields=(*TOWN, "programme_id", "name", "billing_mode", "activities.activity_id", "activities.name"),
    ),
    "reservations.calendar_changed.v1": _for(
        KITCHEN,
        TOWN_SOFTWARE,
        fields=(*TOWN, "changes.kind", "changes.starts", "changes.ends", "changes.site_ids", "changes.change"),
    ),
    "reservations.disruption_declared.v1": _for(
        KITCHEN, TOWN_SOFTWARE, fields=(*TOWN, "disruption_id", "activity_ids", "site_ids", "starts", "ends")
    ),
    "reservations.disruption_finished.v1": _for(KITCHEN, TOWN_SOFTWARE, fields=(*TOWN, "disruption_id")),
    "reservations.disruption_undone.v1": _for(KITCHEN, TOWN_SOFTWARE, fields=(*TOWN, "disruption_id")),
}
BOOKINGS: Mapping[str, Row] = {
    "reservations.child_enrolled.v1": _for(TOWN_SOFTWARE, fields=(*ENROLMENT, "group", "starts", "ends")),
    "reservations.enrolment_ended.v1": _for(TOWN_SOFTWARE, fields=(*ENROLMENT, "last_day")),
    "reservations.booking_confirmed.v1": _for(TOWN_SOFTWARE, fields=(*SHEET_DAYS, "billing_mode")),
    "reservations.booking_cancelled.v1": _for(TOWN_SOFTWARE, fields=(*SHEET_DAYS, "billing_mode", "kind")),
    "reservations.booking_requested.v1": _for(TOWN_SOFTWARE, fields=SHEET_DAYS),
    "reservations.cancellation_asked.v1": _for(TOWN_SOFTWARE, fields=SHEET_DAYS),
    "reservations.booking_request_decided.v1": _for(TOWN_SOFTWARE, fields=(*SHEET_DAYS, "asked", "accepted", "refund")),
    "reservations.attendance_marked.v1": _for(
        TOWN_SOFTWARE, fields=(*SHEET, "marks.activity_id", "marks.date", "marks.outcome")
    ),
    "reservations.attendance_unmarked.v1": _for(TOWN_SOFTWARE, fields=(*SHEET_DAYS, "days.state")),
    "reservations.absence_reported.v1": _for(TOWN_SOFTWARE, fields=SHEET_DAYS),
    "reservations.sheet_closed.v1": _for(TOWN_SOFTWARE, fields=(*SHEET_DAYS, "days.state", "closing_id")),
    "reservations.month_closed.v1": _for(
        ACCOUNTING, TOWN_SOFTWARE, fields=(*TOWN, "closing_id", "programme_id", "month")
    ),
    "reservations.month_reopened.v1": _for(
        ACCOUNTING, TOWN_SOFTWARE, fields=(*TOWN, "closing_id", "programme_id", "month")
    ),
    "reservations.waiting_list_joined.v1": _for(TOWN_SOFTWARE, fields=(*WAITING, "rank")),
    "reservations.waiting_list_left.v1": _for(TOWN_SOFTWARE, fields=(*WAITING, "entry_id", "reason")),
    "reservations.waiting_place_offered.v1": _for(TOWN_SOFTWARE, fields=(*WAITING, "entry_id", "offer_id")),
    "reservations.waiting_offer_ended.v1": _for(TOWN_SOFTWARE, fields=(*WAITING, "entry_id", "offer_id", "outcome")),
    "reservations.regulation_published.v1": _for(
        TOWN_SOFTWARE, fields=(*TOWN, "programme_id", "regulation_id", "version", "valid_from")
    ),
}
MONEY: Mapping[str, Row] = {
    "billing.invoice_issued.v1": _for(
        ACCOUNTING, fields=(*OFFICE, "invoice_id", "number", "month", "total_cents", "due_date", "corrects")
    ),
    "billing.credit_note_issued.v1": _for(
        ACCOUNTING, fields=(*OFFICE, "credit_note_id", "number", "month", "credit_cents", "corrects")
    ),
    "billing.invoices_paid.v1": _for(
        ACCOUNTING, fields=(*FAMILY, "payment_id", "invoice_ids", "invoice_numbers", "amount_cents", "paid_at")
    ),
    "billing.order_paid.v1": _for(ACCOUNTING, fields=(*FAMILY, "payment_id", "order_id", "amount_cents", "paid_at")),
    "billing.refund_due.v1": _for(ACCOUNTING, fields=(*FAMILY, "payment_id", "order_id", "amount_cents")),
    "billing.refund_paid.v1": _for(ACCOUNTING, fields=(*OFFICE, "refund_id", "number", "amount_cents", "paid_on")),
    "billing.receipt_issued.v1": _for(ACCOUNTING, fields=(*RECEIPT, "surplus_cents", "booked_on")),
    "billing.receipt_cancelled.v1": _for(ACCOUNTING, fields=(*RECEIPT, "cancelled_on")),
    "billing.day_books_closed.v1": _for(ACCOUNTING, fields=(*TOWN, "cash_office_id", "day", "sequence_number", "head")),
    "billing.debit_planned.v1": _for(ACCOUNTING, fields=(*DEBIT, "mandate_id")),
    "billing.debit_rejected.v1": _for(ACCOUNTING, fields=DEBIT),
    "billing.debit_cancelled.v1": _for(ACCOUNTING, fields=(*FAMILY, "debit_id", "invoice_id", "invoice_number")),
    "billing.debt_handed_over.v1": _for(ACCOUNTING, fields=(*DEBT, "structure_id", "reference")),
    "billing.debt_taken_back.v1": _for(ACCOUNTING, fields=DEBT),
}
REQUESTS: Mapping[str, Row] = {
    "requests.request_filed.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "request_id", "category_id")),
    "requests.request_answered.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "request_id", "category_id", "decision")),
    "requests.request_withdrawn.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "request_id")),
    "requests.request_reopened.v1": _for(TOWN_SOFTWARE, fields=(*FAMILY, "request_id")),
    "notifications.news_withdrawn.v1": _for(TOWN_SOFTWARE, fields=(*TOWN, "news_id", "withdrawn_at")),
    "notifications.news_published.v1": _for(TOWN_SOFTWARE, fields=(*TOWN, "news_id", "category", "published_at")),
}
DISCLOSED: Mapping[str, Row] = {**IDENTITY, **MEALS, **BOOKINGS, **MONEY, **REQUESTS}

_ACCOUNTS = "accounts of people who sign in are nobody else's business"
_UNDER_WAY = "a step on the way: what comes of it is told"
_INSIDE = "for Préau's own services"
_TO_THE_FAMILY = "between the town and the family"
WITHHELD: Mapping[str, str] = {
    "identity.account_closed.v1": _ACCOUNTS,
    "identity.account_created.v1": _ACCOUNTS,
    "identity.agent_roles_set.v1": _ACCOUNTS,
    "identity.partner_set.v1": _INSIDE,
    "identity.guardian_changed.v1": _ACCOUNTS,
    "identity.change_requested.v1": _UNDER_WAY,
    "identity.change_decided.v1": _UNDER_WAY,
    "identity.custody_set.v1": "who has which days of a child is told to no partner",
    "identity.pickup_persons_changed.v1": "who may collect a child is told to no partner",
    "identity.reconfirmation_asked.v1": _TO_THE_FAMILY,
    "privacy.consent_set.v1": _TO_THE_FAMILY,
    "privacy.erasure_asked.v1": _UNDER_WAY,
    "privacy.export_asked.v1": _TO_THE_FAMILY,
    "billing.line_contested.v1": _UNDER_WAY,
    "billing.mandate_signed.v1": "a mandate tells of a bank account",
    "billing.mandate_ended.v1": "a mandate tells of a bank account",
    "billing.payment_started.v1": _UNDER_WAY,
    "billing.payment_failed.v1": _UNDER_WAY,
    "billing.reminder_sent.v1": _TO_THE_FAMILY,
    "reservations.absence_proof_decided.v1": "why a child was away is told to no partner",
    "reservations.places_held.v1": _UNDER_WAY,
    "reservations.places_lost.v1": _UNDER_WAY,
    "reservations.places_released.v1": _UNDER_WAY,
    "reservations.usual_week_missed.v1": _TO_THE_FAMILY,
    "notifications.address_unreachable.v1": _TO_THE_FAMILY,
    "partners.subscription_paused.v1": _INSIDE,
    "requests.file_infected.v1": _TO_THE_FAMILY,
    "requests.message_sent.v1": _TO_THE_FAMILY,
    "requests.more_asked.v1": _UNDER_WAY,
    "requests.request_assigned.v1": _UNDER_WAY,
    "requests.request_completed.v1": _UNDER_WAY,
    "requests.request_overdue.v1": _UNDER_WAY,
}
