"""PayFiP for cash offices (web service mode): SOAP contract, payment page, notification; and a card provider."""
