"""A stand-in for the national quotient service (API Particulier v3), for whoever has no habilitation at hand."""
