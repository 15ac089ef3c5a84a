"""Is the catalogue true to the real forms, and does it ask each thing once? One module for each kind of check."""
