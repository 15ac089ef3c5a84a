"""What callers see: every test here goes through HTTP with a really signed token."""
