"""The command that puts synthetic patients into a database, or into files."""
