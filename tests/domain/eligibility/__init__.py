"""The eligibility rules, one table of situations for each service."""
