"""Four invented people, made real enough to try the service with: nobody in them exists."""
