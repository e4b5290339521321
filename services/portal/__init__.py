"""The web front end of families and agents: pages made on the server from the gateway's public API alone."""
