"""Temperature and referral thresholds."""
