"""Invented patients in any number: the same ones for the same seed and date, on every machine."""
