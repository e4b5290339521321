"""Identity: towns, family files, accounts, households, agents and their sessions."""
