"""What can be known about a person, and what each referral form asks, as data."""
