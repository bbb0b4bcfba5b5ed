"""
The stand-in of ECR's image endpoint: the part of the OCI distribution protocol that a push and a pull need.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from ci.rehearsal.registry.server import RegistryServer

__all__ = ["RegistryServer"]
