"""A card provider of the Systempay and PayZen kind: signed form, payment page, signed notification."""
