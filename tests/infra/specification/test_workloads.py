"""Section 4 of the specification, the workloads: one case for each row, found in the plan of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.specification.reading import CHAT_API, CONTAINER, DB_API, look
from tests.infra.workspace import VARIABLES

if TYPE_CHECKING:
    from tests.infra.conftest import Deployed

DB_SERVICE = "module.app.kubernetes_service_v1.db_api"
CHAT_SERVICE = "module.app.kubernetes_service_v1.chat_api"
REQUESTS, LIMITS = f"{CONTAINER}.resources.0.requests", f"{CONTAINER}.resources.0.limits"
LIVENESS, READINESS = f"{CONTAINER}.liveness_probe.0.http_get.0", f"{CONTAINER}.readiness_probe.0.http_get.0"


def env(name: str) -> str:
    return f"{CONTAINER}.env.name={name}.value"


def from_secret(name: str) -> str:
    return f"{CONTAINER}.env.name={name}.value_from.0.secret_key_ref.0.name"


def each_deployment(name: str, address: str) -> list[object]:
    """Return the rows that both deployments have."""
    return [
        pytest.param(address, "metadata.0.name", name, id=f"{name}-deployment"),
        pytest.param(address, f"{CONTAINER}.image", VARIABLES[f"{name.replace('-', '_')}_image"], id=f"{name}-image"),
        pytest.param(address, "spec.0.replicas", "3", id=f"{name}-replicas-3"),
        pytest.param(address, f"{REQUESTS}.cpu", "100m", id=f"{name}-requests-cpu-100m"),
        pytest.param(address, f"{REQUESTS}.memory", "256Mi", id=f"{name}-requests-memory-256Mi"),
        pytest.param(address, f"{LIMITS}.cpu", "500m", id=f"{name}-limits-cpu-500m"),
        pytest.param(address, f"{LIMITS}.memory", "512Mi", id=f"{name}-limits-memory-512Mi"),
        pytest.param(address, f"{LIVENESS}.path", "/health", id=f"{name}-liveness-health"),
        # The same path; the question behind the mark asks for what lies outside the process too.
        pytest.param(address, f"{READINESS}.path", "/health?check=ready", id=f"{name}-readiness-health"),
    ]


ROWS = [
    pytest.param(
        "module.app.kubernetes_namespace_v1.this", "metadata.0.name", "carepath-demo", id="namespace-carepath-demo"
    ),
    *each_deployment("db-api", DB_API),
    pytest.param(DB_API, from_secret("MONGODB_URI"), "mongodb", id="db-api-env-MONGODB_URI-from-secret"),
    pytest.param(DB_API, env("MONGODB_DB_NAME"), "carepath", id="db-api-env-MONGODB_DB_NAME"),
    pytest.param(DB_API, f"{CONTAINER}.port.name=http.container_port", 8001, id="db-api-container-port-8001"),
    pytest.param(DB_SERVICE, "metadata.0.name", "db-api-service", id="db-api-service-name"),
    pytest.param(DB_SERVICE, "spec.0.type", "ClusterIP", id="db-api-service-type-ClusterIP"),
    pytest.param(DB_SERVICE, "spec.0.port.0.port", 8001, id="db-api-service-port-8001"),
    pytest.param(DB_SERVICE, "spec.0.port.0.target_port", "8001", id="db-api-service-target-8001"),
    *each_deployment("chat-api", CHAT_API),
    pytest.param(
        CHAT_API,
        env("DB_API_BASE_URL"),
        "http://db-api-service.carepath-demo.svc.cluster.local:8001",
        id="chat-api-env-DB_API_BASE_URL",
    ),
    pytest.param(CHAT_API, env("LLM_MODE"), "mock", id="chat-api-env-LLM_MODE-mock"),
    pytest.param(CHAT_API, env("VECTOR_MODE"), "mock", id="chat-api-env-VECTOR_MODE-mock"),
    *(
        pytest.param(CHAT_API, from_secret(name), "pinecone", id=f"chat-api-env-{name}-from-secret")
        for name in ("PINECONE_API_KEY", "PINECONE_ENVIRONMENT", "PINECONE_INDEX_NAME")
    ),
    pytest.param(CHAT_API, f"{CONTAINER}.port.name=http.container_port", 8002, id="chat-api-container-port-8002"),
    pytest.param(CHAT_SERVICE, "metadata.0.name", "chat-api-service", id="chat-api-service-name"),
    pytest.param(CHAT_SERVICE, "spec.0.type", "LoadBalancer", id="chat-api-service-type-LoadBalancer"),
    pytest.param(CHAT_SERVICE, "spec.0.port.0.port", 80, id="chat-api-service-port-80"),
    pytest.param(CHAT_SERVICE, "spec.0.port.0.target_port", "8002", id="chat-api-service-target-8002"),
]


@pytest.mark.parametrize(("address", "path", "expected"), ROWS)
def test_row(deployed: Deployed, address: str, path: str, expected: object) -> None:
    """The plan holds what the row says."""
    assert look(deployed.plan, address, path) == expected
