"""Who words the answer: one module a mode, one registry that knows them all."""
