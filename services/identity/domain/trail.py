"""The audit trail: who read or changed what about whom, as every service tells it and managers search it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.errors import N_

# What each action is called when people read the trail; every audited route of every service has its words here.
WORDS = {
    "agent_bookings_listed": N_("Bookings of agents for families listed"),
    "agent_invited": N_("Agent invited"),
    "agent_removed": N_("Agent's roles taken away"),
    "agent_roles_set": N_("Agent's roles changed"),
    "agents_imported": N_("Agents imported"),
    "agents_listed": N_("Agents listed"),
    "answer_texts_read": N_("Texts for the answer to a request read"),
    "attachment_read": N_("Document of a request opened"),
    "attendance_day_listed": N_("Attendance of a day read"),
    "attendance_exported": N_("Attendance list exported"),
    "attendance_listed": N_("Attendance list read"),
    "attendance_marked": N_("Attendance marked"),
    "audit_trail_searched": N_("Audit trail searched"),
    "bank_answer_imported": N_("Bank's answer about debits imported"),
    "bank_answers_listed": N_("Banks' answers about debits read"),
    "booked_for_family": N_("Days booked or cancelled for a family"),
    "booking_requests_decided": N_("Days families asked for decided"),
    "booking_requests_listed": N_("Days families asked for listed"),
    "bookings_exported": N_("Bookings exported"),
    "child_enrolled": N_("Child enrolled"),
    "child_put_back_on_waiting_list": N_("Child put back on a waiting list"),
    "child_shared": N_("Child found to live in two households"),
    "child_taken_off_waiting_list": N_("Child taken off a waiting list"),
    "collection_orders_listed": N_("Debts at the Treasury listed"),
    "contestations_listed": N_("Contested lines of invoices listed"),
    "credit_use_taken_back": N_("Use of a credit note taken back"),
    "credit_used": N_("Credit notes used on an invoice"),
    "credits_listed": N_("Credit notes of a family listed"),
    "custody_ended": N_("Custody plan ended"),
    "custody_read": N_("Custody plan read"),
    "custody_set": N_("Custody plan set"),
    "day_explained": N_("Day of a child explained"),
    "debit_batch_downloaded": N_("File of debits downloaded"),
    "debit_batch_made": N_("File of debits made"),
    "debit_batch_sent": N_("File of debits marked as sent"),
    "debit_batch_withdrawn": N_("File of debits withdrawn"),
    "debit_cancelled": N_("Planned debit of an invoice cancelled"),
    "debit_planned": N_("Debit of an invoice planned"),
    "debits_listed": N_("Debits of families listed"),
    "debt_remitted": N_("Debt remitted"),
    "debts_handed_to_treasury": N_("Debts handed to the Treasury"),
    "deposit_read": N_("Deposit read"),
    "disruption_declared": N_("Days cancelled by the town"),
    "disruption_undone": N_("Cancellation by the town taken back"),
    "document_checklist_read": N_("Verified documents of a family read"),
    "document_verification_withdrawn": N_("Verified document to be asked for again"),
    "document_verified": N_("Document of a family verified"),
    "draft_anomalies_accepted": N_("Unusual drafts of invoices accepted"),
    "duplicate_dismissed": N_("Two families found not to be one"),
    "duplicates_listed": N_("Possible duplicates listed"),
    "enrolment_changed": N_("Enrolment changed"),
    "enrolment_ended": N_("Enrolment ended"),
    "enrolments_imported": N_("Enrolments imported"),
    "enrolments_listed": N_("Enrolments listed"),
    "erasure_asked": N_("Erasure of a household asked"),
    "erasure_shown": N_("Erasure report read"),
    "exemption_from_reminders_ended": N_("Family reminded again"),
    "families_exported": N_("Family files exported"),
    "families_imported": N_("Family files imported"),
    "families_reminded": N_("Families reminded of unpaid invoices"),
    "families_searched": N_("Families searched"),
    "family_exempted_from_reminders": N_("Family exempted from reminders"),
    "family_files_listed": N_("Family files listed"),
    "family_files_merged": N_("Family files merged"),
    "family_import_begun": N_("Import of families begun"),
    "family_import_checked": N_("Import of families checked"),
    "family_import_dropped": N_("Import of families dropped"),
    "family_import_errors_read": N_("Errors of an import of families read"),
    "family_import_mapped": N_("Columns of an import of families named"),
    "family_import_shown": N_("Import of families looked at"),
    "family_import_started": N_("Import of families started"),
    "family_imports_listed": N_("Imports of families listed"),
    "family_invited": N_("Code sent to a family"),
    "guardian_invited": N_("Code sent to a guardian"),
    "household_change_decided": N_("Change of a household decided"),
    "household_changes_listed": N_("Changes of households listed"),
    "household_invoices_exported": N_("Invoices of families exported"),
    "household_invoices_listed": N_("Invoices of families listed"),
    "invoice_drafts_exported": N_("Drafts of invoices exported"),
    "invoice_drafts_listed": N_("Drafts of invoices listed"),
    "invoice_read": N_("Invoice of a family read"),
    "invoice_run_approved": N_("Drafts of invoices approved"),
    "journal_exported": N_("Money journal exported"),
    "journal_read": N_("Money journal read"),
    "line_trail_read": N_("Reasons of an invoice's line read"),
    "mandate_account_changed": N_("Account of a mandate changed"),
    "mandate_entered": N_("Mandate on paper entered"),
    "mandate_last_debit_set": N_("Last debit of a mandate set"),
    "mandate_revoked": N_("Mandate revoked for a family"),
    "mandates_listed": N_("Mandates of families listed"),
    "merge_undone": N_("Merge of family files undone"),
    "merges_listed": N_("Merges of family files listed"),
    "month_closed": N_("Month of a programme closed"),
    "month_closing_previewed": N_("Days to look at before closing a month read"),
    "month_reopened": N_("Closed month of a programme opened again"),
    "month_shown": N_("Month of a child read"),
    "notification_trail_read": N_("What families were told, and how, read"),
    "partner_families_listed": N_("Families read by a partner"),
    "payment_review_decided": N_("Payment to be checked decided"),
    "payment_reviews_listed": N_("Payments to be checked listed"),
    "payment_taken": N_("Payment entered at the counter"),
    "pickup_persons_listed": N_("Pick-up persons read"),
    "pickup_photo_read": N_("Photo of a pick-up person read"),
    "prices_quoted": N_("Prices of a family asked"),
    "quotient_entered": N_("Quotient of a family entered"),
    "quotients_imported": N_("Family quotients imported"),
    "quotients_listed": N_("Quotients of a family read"),
    "receipt_cancelled": N_("Receipt cancelled"),
    "receipt_read": N_("Receipt read"),
    "receipts_exported": N_("Receipts statement exported"),
    "receipts_listed": N_("Receipts listed"),
    "reconciliation_task_resolved": N_("Difference with a statement answered"),
    "reconciliation_tasks_listed": N_("Differences with statements listed"),
    "reconfirmation_asked": N_("Re-confirmation of files asked"),
    "reconfirmations_listed": N_("Re-confirmations listed"),
    "refund_decided": N_("Refund decided"),
    "refund_opened": N_("Refund of a credit note opened"),
    "refund_paid": N_("Refund marked as paid"),
    "refunds_listed": N_("Refunds listed"),
    "reminder_exemptions_listed": N_("Families exempted from reminders listed"),
    "reminders_exported": N_("Reminders of families exported"),
    "reminders_listed": N_("Reminders of families listed"),
    "request_answered": N_("Request answered"),
    "request_assigned": N_("Request put in an agent's hands"),
    "request_file_added": N_("File sent for a message to a family"),
    "request_file_read": N_("File of a message about a request opened"),
    "request_message_written": N_("Message written about a request"),
    "request_messages_read": N_("Messages about a request read"),
    "request_more_asked": N_("Family asked to complete a request"),
    "request_moved": N_("Request moved to a step of its workflow"),
    "request_note_written": N_("Internal note written about a request"),
    "request_read": N_("Request read"),
    "request_reopened": N_("Request taken up again"),
    "requests_exported": N_("Requests exported"),
    "requests_listed": N_("Requests listed"),
    "school_year_changed": N_("Children moved into a new school year"),
    "simulation_exported": N_("Outcome of a simulation exported"),
    "simulation_read": N_("Outcome of a simulation read"),
    "statement_imported": N_("Statement of a bank or of payments imported"),
    "statement_lines_listed": N_("Lines of statements listed"),
    "tax_certificate_read": N_("Tax certificate of a family read"),
    "treasury_batch_answered": N_("Treasury's answer to a batch entered"),
    "treasury_candidates_listed": N_("Debts that may go to the Treasury listed"),
    "treasury_file_downloaded": N_("File for the Treasury downloaded"),
    "treasury_return_imported": N_("Treasury's return imported"),
    "unpaid_invoices_exported": N_("Unpaid invoices of families exported"),
    "unpaid_invoices_listed": N_("Unpaid invoices of families listed"),
    "unreachable_address_tried_again": N_("E-mail address without mail tried again"),
    "unreachable_addresses_listed": N_("E-mail addresses without mail listed"),
    "waiting_list_read": N_("Waiting list read"),
    "waiting_lists_exported": N_("Waiting lists exported"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One act of an agent, or of a partner's system, in one town; ids only, whoever they were of may be erased."""

    id: str
    at: datetime
    service: str
    action: str
    account_id: str
    municipality_id: str
    household_ids: tuple[str, ...] = ()
    family_file_ids: tuple[str, ...] = ()
    child_ids: tuple[str, ...] = ()
    object_ids: tuple[str, ...] = ()
    request_id: str = ""

    def people(self) -> Iterator[str]:
        """Whoever it was about, whatever they are."""
        yield from (*self.household_ids, *self.family_file_ids, *self.child_ids)


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a manager looks for in the trail of one town; what is empty is not asked for.

    `about`: ids any of which the act was about; `since` ≤ at < `until`, aware instants.
    """

    municipality_id: str
    about: frozenset[str] = frozenset()
    account_id: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """After which entry a page begins: the trail is read latest first."""

    at: datetime
    entry_id: str


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the ids of some entries are called, as far as the town still knows; children by `First Last`."""

    accounts: dict[str, str]
    people: dict[str, str]
