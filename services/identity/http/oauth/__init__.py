"""The OpenID Connect provider's doors for sites: discovery, authorization, tokens, userinfo, logout."""
