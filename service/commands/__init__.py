"""The commands of `referral-broker`, one module each, so that each loads only what it needs."""
