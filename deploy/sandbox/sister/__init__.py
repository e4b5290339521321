"""A sister site: it stands for the town's payment site, and signs families in with their Préau account."""
