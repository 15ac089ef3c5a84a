"""Systems outside, as the service sees them: each call has a time limit, and each failure a plain name."""
