"""The ways notifications says no about channels, preferences and devices."""

from shared.errors import N_, BadInput, Refused


class UnknownTopic(BadInput):
    """`topic`: the code that was sent."""

    code = "notification-topic-unknown"
    title = N_("Unknown topic")
    sentence = N_("There is no topic “%(topic)s” to be told about.")
    remedy = N_("Send the topics that the preferences list.")


class HouseholdNotKnownYet(Refused):
    """Registered a moment ago, or erased."""

    code = "household-not-known-yet"
    title = N_("Household not known here")
    sentence = N_("Your household is not known to this service, or not yet.")
    remedy = N_("If you have just registered, try again in a moment.")


class ChannelNotOffered(BadInput):
    code = "notification-channel-not-offered"
    title = N_("Channel not offered")
    sentence = N_("“%(topic)s” is not sent by this channel.")
    remedy = N_("Choose among the channels that the preferences list for it.")


class MandatoryTopic(Refused):
    code = "notification-topic-mandatory"
    status = 422
    title = N_("This cannot be turned off")
    sentence = N_("You must be told about “%(topic)s”.")
    remedy = N_("Leave mail or the messages of your space on for it.")


class DigestInQuietHours(BadInput):
    code = "digest-in-quiet-hours"
    title = N_("Summary in the quiet hours")
    sentence = N_("The daily summary would go in the hours you want to be left in peace.")
    remedy = N_("Choose another hour for the summary, or other quiet hours.")


class PushNotOffered(Refused):
    code = "push-not-offered"
    title = N_("No notifications on devices")
    sentence = N_("This installation does not send notifications to devices.")
    remedy = N_("Choose mail or the messages of your space.")


class PushServiceRefused(BadInput):
    code = "push-service-refused"
    title = N_("Unknown notification service")
    sentence = N_("The address of this device is not that of a known notification service.")
    remedy = N_("Register the device again from its browser.")


class TooManyDevices(Refused):
    """`most`: how many one person may have."""

    code = "too-many-devices"
    title = N_("Too many devices")
    sentence = N_("You already have %(most)s devices that receive notifications.")
    remedy = N_("Remove one of them first.")
