"""Who is believed to be calling, and what the permission table lets them do."""
