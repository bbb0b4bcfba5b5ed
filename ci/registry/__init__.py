"""The OCI registry's HTTP API."""
