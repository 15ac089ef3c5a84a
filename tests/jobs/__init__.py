"""What the service does by itself while it serves."""
