"""One module per verb; a stage gets what it needs as arguments and returns the next thing."""
