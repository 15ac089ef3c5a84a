"""The invented cases, and the playing of them."""
