"""Who treats patients."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from service_db_api.models.fields import ProviderId, Text
from service_db_api.models.patient import Name


class Provider(BaseModel):
    provider_id: ProviderId
    npi: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
    name: Name
    specialty: Text
    location: Text
