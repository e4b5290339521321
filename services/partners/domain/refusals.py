"""The ways partners says no."""

from shared.errors import N_, BadInput, Forbidden, Refused


class ProfileUnknown(BadInput):
    code = "profile-unknown"
    title = N_("Unknown profile")
    sentence = N_("There is no such profile. Known: %(known)s.")
    remedy = N_("Choose the profile that fits what the partner does.")


class TypeNotInProfile(BadInput):
    code = "type-not-in-profile"
    title = N_("Not in this profile")
    sentence = N_("The profile “%(profile)s” does not give these events: %(types)s.")
    remedy = N_("Leave them out, or choose another profile; /api/v1/partner-profiles says what each gives.")


class PartnerUnknown(BadInput):
    """No such account, of another town, ended, or without the scope: told apart nowhere."""

    code = "partner-unknown"
    title = N_("Partner not found")
    sentence = N_("The town has no partner account %(client_id)s that may read events.")
    remedy = N_("Create the account with the scope events.read, or add the scope to it, then subscribe it.")


class TooManySubscriptions(Refused):
    code = "too-many-subscriptions"
    title = N_("Too many subscriptions")
    sentence = N_("The town already has %(most)s subscriptions.")
    remedy = N_("End one that is not used any more, then subscribe again.")


class KindNotOffered(Refused):
    code = "kind-not-offered"
    title = N_("Not offered here")
    sentence = N_("This installation does not push events this way (%(kind)s).")
    remedy = N_("Choose another kind, or ask whoever runs this installation.")


class SubscriptionEnded(Refused):
    code = "subscription-ended"
    title = N_("Subscription ended")
    sentence = N_("This subscription is ended.")
    remedy = N_("Subscribe the partner again.")


class SubscriptionNotPaused(Refused):
    code = "subscription-not-paused"
    title = N_("Not paused")
    sentence = N_("This subscription is not paused.")
    remedy = N_("Read it again: there may be nothing to do.")


class SubscriptionPaused(Refused):
    code = "subscription-paused"
    title = N_("Subscription paused")
    sentence = N_("The town paused this subscription.")
    remedy = N_("Ask the town to resume it; what happens meanwhile can be read afterwards.")


class NothingToRenew(Refused):
    code = "nothing-to-renew"
    title = N_("No secret")
    sentence = N_("A subscription that is not pushed to has no secret of its own.")
    remedy = N_("Renew the secret of the partner account instead.")


class NothingToReplay(Refused):
    code = "nothing-to-replay"
    title = N_("Nothing to replay")
    sentence = N_("A subscription that is not pushed to has no place to replay from: its partner reads where it likes.")
    remedy = N_("Read from an earlier position.")


class NotSubscribed(Forbidden):
    code = "not-subscribed"
    title = N_("No subscription")
    sentence = N_("The town has no subscription of yours that can be read.")
    remedy = N_("Ask a manager of the town to subscribe your account, saying what you need.")


class WhichSubscription(BadInput):
    code = "which-subscription"
    title = N_("Say which subscription")
    sentence = N_("You have several subscriptions in this town: %(ids)s.")
    remedy = N_("Name one with subscription_id.")


class CursorTooOld(Refused):
    """The events after the cursor are not all kept any more."""

    code = "cursor-too-old"
    status = 410
    title = N_("No longer kept")
    sentence = N_(
        "Events after position %(after)s are not all kept any more: the oldest that is has position %(oldest)s."
    )
    remedy = N_("Read what you missed by the other routes of the API, then start without “after”, at the oldest event.")


class CursorAhead(BadInput):
    code = "cursor-ahead"
    title = N_("Position not reached yet")
    sentence = N_("The town has had %(newest)s events: position %(after)s does not exist yet.")
    remedy = N_("Use the position of the last event you read, in this town.")


class WaitingAlready(Refused):
    code = "waiting-already"
    status = 429
    title = N_("Waiting already")
    sentence = N_("%(most)s calls of yours already wait for events.")
    remedy = N_("Wait with one call per subscription.")


class ReplayStartUnknown(BadInput):
    code = "replay-start"
    title = N_("Where from is not understood")
    sentence = N_("A replay starts from “beginning”, from a position or from an instant with its zone.")
    remedy = N_("For example {“start”: “beginning”}, {“start”: 1200} or {“start”: “2026-11-20T09:00:00Z”}.")
