"""The `referral-broker` command, as somebody at a terminal meets it."""
