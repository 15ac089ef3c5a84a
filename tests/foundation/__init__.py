"""What `make run`, the databases and the checks promise."""
