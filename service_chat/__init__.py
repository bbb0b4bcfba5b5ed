"""Triage of a patient's question over the patient's record."""
