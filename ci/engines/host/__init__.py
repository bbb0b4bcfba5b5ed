"""The host engine: processes in place of containers."""
