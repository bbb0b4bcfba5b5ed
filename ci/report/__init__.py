"""What a run prints: console, JSON, Markdown, GitHub."""
