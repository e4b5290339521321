"""PayFiP for cash offices (PayFiP Régie, web service mode): SOAP contract, payment page, notification."""
