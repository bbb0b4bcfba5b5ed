"""Where passages of a patient's documents come from: one module a mode, one registry that knows them all."""
