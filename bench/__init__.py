"""What the service costs beside a floor: the same statements and bytes with nothing in between."""
