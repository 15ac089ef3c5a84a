"""One function a write: decide, change, record."""
