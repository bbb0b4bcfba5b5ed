"""What both services need to be operated: problem bodies, trace ids, one access line a request, settings."""

VERSION = "0.1.0"
