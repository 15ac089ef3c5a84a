"""Every query; each takes the caller, so that visibility cannot be forgotten."""
