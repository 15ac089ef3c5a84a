"""What callers send and see; never tables."""
