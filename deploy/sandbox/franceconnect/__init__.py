"""FranceConnect v2 as a site sees it: discovery, choice of an identity, tokens, signed userinfo, end of the session."""
