"""The Dagger engine."""
