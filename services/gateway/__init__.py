"""The one public door: routes, tokens, limits, documents. No rule and no domain data."""
