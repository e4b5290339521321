"""Why some routes of agents are not in the audit trail, and why some entries name nobody."""

from collections.abc import Mapping

OWN = "the agent's own account"
SETTINGS = "what the town offers or says of itself"
COUNTS = "counts of a whole programme or cash office, no family"
PARTNERS = "the town's partners, who are no families"

# Routes an agent may call that tell nothing of a family and change nothing about one.
TELLS_NOTHING: Mapping[str, str] = {
    # identity
    "DELETE /api/v1/sessions": OWN,
    "DELETE /api/v1/sessions/current": OWN,
    "DELETE /api/v1/sessions/{session_id}": OWN,
    "GET /api/v1/sessions": OWN,
    "POST /api/v1/sessions/current/reauthentication": OWN,
    "GET /api/v1/me": OWN,
    "PUT /api/v1/me/email": OWN,
    "PUT /api/v1/me/password": OWN,
    "PUT /api/v1/me/preferences": OWN,
    "POST /api/v1/me/closing": OWN,
    "GET /api/v1/me/consents": OWN,
    "DELETE /api/v1/me/consents/{client_id}": OWN,
    "GET /api/v1/me/federations": OWN,
    "DELETE /api/v1/me/federations/{federation_id}": OWN,
    "POST /api/v1/me/totp": OWN,
    "POST /api/v1/me/totp/confirmation": OWN,
    "DELETE /api/v1/me/totp": OWN,
    "POST /api/v1/me/recovery-codes": OWN,
    "GET /api/v1/me/passkeys": OWN,
    "POST /api/v1/me/passkeys": OWN,
    "POST /api/v1/me/passkeys/options": OWN,
    "DELETE /api/v1/me/passkeys/{passkey_id}": OWN,
    "POST /api/v1/adhesions": "the agent as a parent, with their own code",
    "POST /api/v1/guardian-acceptances": "the agent as a parent, with their own code",
    "GET /api/v1/municipalities/{municipality_id}/settings": SETTINGS,
    "PUT /api/v1/municipalities/{municipality_id}/settings": SETTINGS,
    "PUT /api/v1/municipalities/{municipality_id}/logo": SETTINGS,
    "DELETE /api/v1/municipalities/{municipality_id}/logo": SETTINGS,
    "GET /api/v1/privacy-texts": SETTINGS,
    "POST /api/v1/privacy-texts": SETTINGS,
    "GET /api/v1/partner-accounts": PARTNERS,
    "POST /api/v1/partner-accounts": PARTNERS,
    "PUT /api/v1/partner-accounts/{client_id}": PARTNERS,
    "DELETE /api/v1/partner-accounts/{client_id}": PARTNERS,
    "POST /api/v1/partner-accounts/{client_id}/secrets": PARTNERS,
    "DELETE /api/v1/partner-accounts/{client_id}/secrets/{secret_id}": PARTNERS,
    # reservations
    "GET /api/v1/programmes": SETTINGS,
    "POST /api/v1/programme-imports": SETTINGS,
    "POST /api/v1/calendar-imports": SETTINGS,
    "GET /api/v1/month-closings": COUNTS,
    # billing
    "POST /api/v1/tariff-imports": SETTINGS,
    "GET /api/v1/invoice-runs": COUNTS,
    # notifications
    "GET /api/v1/news": SETTINGS,
    "POST /api/v1/news": SETTINGS,
    # requests
    "GET /api/v1/request-categories": SETTINGS,
    "POST /api/v1/request-category-imports": SETTINGS,
}

# Audited routes whose sample call is about no family in particular.
OF_THE_TOWN: Mapping[str, str] = {
    "GET /api/v1/agents": "about agents",
    "POST /api/v1/agents": "about agents",
    "PUT /api/v1/agents/{account_id}/roles": "about agents",
    "DELETE /api/v1/agents/{account_id}": "about agents",
    "POST /api/v1/agents/{account_id}/invitation": "about agents",
    "POST /api/v1/staff-imports": "about agents",
    "GET /api/v1/audit-trail": "the sample asks for the whole town",
    "POST /api/v1/month-closings": "the sample has every day marked; the programme is named",
    "POST /api/v1/enrolment-imports": "the sample changes nothing the second time",
    "POST /api/v1/family-imports": "the sample changes nothing the second time",
    "GET /api/v1/family-exports": "all families of the town",
    "POST /api/v1/reconfirmations": "all families of the town",
    "GET /api/v1/family-import-drafts": "names the drafts; whose files one changed is noted as it is run",
    **dict.fromkeys(
        (
            "POST /api/v1/family-import-drafts",
            "GET /api/v1/family-import-drafts/{draft_id}",
            "DELETE /api/v1/family-import-drafts/{draft_id}",
            "PUT /api/v1/family-import-drafts/{draft_id}/mapping",
            "GET /api/v1/family-import-drafts/{draft_id}/check",
            "GET /api/v1/family-import-drafts/{draft_id}/errors",
            "GET /api/v1/family-import-drafts/{draft_id}/errors.csv",
            "POST /api/v1/family-import-drafts/{draft_id}/run",
        ),
        "names the draft; whose files it changed is noted as it is run",
    ),
}
