"""Which services a person may be referred to on a given day, and what to do next."""
