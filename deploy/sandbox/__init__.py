"""Stand-ins for the outside parties of a local Préau: a mail server with a reading page, PayFiP, a card provider.

They speak the real protocols (SMTP; SOAP, payment page, notification), keep everything in memory and need
no account.
"""
