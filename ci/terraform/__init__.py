"""Terraform: the command, its plans, its state and what is recorded next to it."""
