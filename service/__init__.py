"""The Referral Broker: answer each question about a person once, refer everywhere, keep everyone up to date."""
