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
    "attachment_read": N_("Document of a request opened"),
    "attendance_day_listed": N_("Attendance of a day read"),
    "attendance_exported": N_("Attendance list exported"),
    "attendance_listed": N_("Attendance list read"),
    "attendance_marked": N_("Attendance marked"),
    "audit_trail_searched": N_("Audit trail searched"),
    "booked_for_family": N_("Days booked or cancelled for a family"),
    "booking_requests_decided": N_("Days families asked for decided"),
    "booking_requests_listed": N_("Days families asked for listed"),
    "bookings_exported": N_("Bookings exported"),
    "child_enrolled": N_("Child enrolled"),
    "child_put_back_on_waiting_list": N_("Child put back on a waiting list"),
    "child_shared": N_("Child found to live in two households"),
    "child_taken_off_waiting_list": N_("Child taken off a waiting list"),
    "custody_ended": N_("Custody plan ended"),
    "custody_read": N_("Custody plan read"),
    "custody_set": N_("Custody plan set"),
    "day_explained": N_("Day of a child explained"),
    "disruption_declared": N_("Days cancelled by the town"),
    "disruption_undone": N_("Cancellation by the town taken back"),
    "duplicate_dismissed": N_("Two families found not to be one"),
    "duplicates_listed": N_("Possible duplicates listed"),
    "enrolment_changed": N_("Enrolment changed"),
    "enrolment_ended": N_("Enrolment ended"),
    "enrolments_imported": N_("Enrolments imported"),
    "enrolments_listed": N_("Enrolments listed"),
    "erasure_asked": N_("Erasure of a household asked"),
    "erasure_shown": N_("Erasure report read"),
    "families_exported": N_("Family files exported"),
    "families_imported": N_("Family files imported"),
    "families_searched": N_("Families searched"),
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
    "merge_undone": N_("Merge of family files undone"),
    "merges_listed": N_("Merges of family files listed"),
    "month_closed": N_("Month of a programme closed"),
    "month_closing_previewed": N_("Days to look at before closing a month read"),
    "month_shown": N_("Month of a child read"),
    "partner_families_listed": N_("Families read by a partner"),
    "pickup_persons_listed": N_("Pick-up persons read"),
    "pickup_photo_read": N_("Photo of a pick-up person read"),
    "quotients_imported": N_("Family quotients imported"),
    "reconfirmation_asked": N_("Re-confirmation of files asked"),
    "reconfirmations_listed": N_("Re-confirmations listed"),
    "request_answered": N_("Request answered"),
    "request_read": N_("Request read"),
    "requests_listed": N_("Requests listed"),
    "school_year_changed": N_("Children moved into a new school year"),
    "simulation_exported": N_("Outcome of a simulation exported"),
    "simulation_read": N_("Outcome of a simulation read"),
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
