"""What the referral broker promises, checked."""
