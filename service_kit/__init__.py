"""What both services need to be operated: settings, problems, traces, access lines, metrics, limits, token, drain."""

VERSION = "0.1.0"
