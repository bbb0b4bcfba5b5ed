"""The delivery pipeline: build, test, publish, plan, apply and check CarePath."""
