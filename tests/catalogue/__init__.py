"""The catalogue: what is refused in its files, and that the one of this release is sound."""
