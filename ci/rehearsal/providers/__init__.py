"""
Stand-ins of the Terraform providers, for runs that must create nothing.

They speak Terraform's plug-in protocol 6 and know the published providers'
schemas, so Terraform refuses what the real ones would refuse by schema. What
they "create" exists only in Terraform's state.
"""

from ci.rehearsal.providers.faults import Faults
from ci.rehearsal.providers.server import ProviderServer, reattach

__all__ = ["Faults", "ProviderServer", "reattach"]
