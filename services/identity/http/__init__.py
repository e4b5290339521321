"""The door for people: everything identity answers."""

from services.identity.http import (
    family_files,
    households,
    invitations,
    keys,
    municipalities,
    registrations,
    sessions,
)

ROUTES = [
    *municipalities.ROUTES,
    *sessions.ROUTES,
    *invitations.ROUTES,
    *registrations.ROUTES,
    *households.ROUTES,
    *family_files.ROUTES,
    *keys.ROUTES,
]
