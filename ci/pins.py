"""
Every image and version the pipeline takes from outside, in one place.

A tag says what the image is for people, the digest is what is used. Where a
mirror serves other digests, the settings of the same names replace these.
"""

PYTHON_IMAGE = "python:3.11-slim@sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7"
TERRAFORM_IMAGE = "hashicorp/terraform:1.11.4@sha256:5820b87995595425074f881500a037b0ccd41158d0d9b44d78f5f120612f2d3d"
MONGO_IMAGE = "mongo:8@sha256:a706cb4e493bcd0262f345b3b0c78732ca0e54301f0d7bbe2b66f26313ce7ccb"

TERRAFORM_MINIMUM = (1, 11)
DAGGER_CLI = "0.21.11"
