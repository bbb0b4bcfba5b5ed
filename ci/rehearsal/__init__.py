"""Stand-ins for the cloud, so that a whole deploy can be run with no account."""
