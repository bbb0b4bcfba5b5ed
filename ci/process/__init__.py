"""The process itself: signals, streams, restarts."""
