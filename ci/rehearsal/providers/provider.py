"""One stand-in provider: the calls of Terraform's plug-in protocol 6 that this project's configuration leads to."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

import grpc
from pyvider.protocols.tfprotov6 import protobuf as pb

from ci.rehearsal.providers import data_sources, invent, schema
from ci.rehearsal.providers.plan import plan, replaced_by, tagged
from ci.rehearsal.providers.values import at, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ci.rehearsal.providers.faults import Faults
    from ci.rehearsal.providers.schema import ProviderSchema

    # Called with resource type and configuration, write-only values included, before each apply.
    Watch = Callable[[str, Mapping[str, Any]], None]

DEFAULT_REGION = "us-east-1"


class Provider:
    """
    Answers for one provider whatever SCHEMA admits.

    It holds nothing but its own settings: what was "created" is in Terraform's
    state, which comes with every call.
    """

    def __init__(self, own: ProviderSchema, faults: Faults, watch: Watch | None = None) -> None:
        self._own = own
        self._faults = faults
        self._watch = watch
        self._stopping = threading.Event()
        self._region = DEFAULT_REGION
        self._default_tags: Mapping[str, Any] = {}

    def calls(self) -> grpc.GenericRpcHandler[Any, Any]:
        """Return the calls that are answered; gRPC itself refuses the others, as Terraform expects."""
        calls: dict[str, tuple[Any, Callable[[Any, grpc.ServicerContext], Any]]] = {
            "GetProviderSchema": (pb.GetProviderSchema, self._schema),
            "ValidateProviderConfig": (pb.ValidateProviderConfig, lambda *_: pb.ValidateProviderConfig.Response()),
            "ValidateResourceConfig": (pb.ValidateResourceConfig, lambda *_: pb.ValidateResourceConfig.Response()),
            "ValidateDataResourceConfig": (
                pb.ValidateDataResourceConfig,
                lambda *_: pb.ValidateDataResourceConfig.Response(),
            ),
            "ConfigureProvider": (pb.ConfigureProvider, self._configure),
            "UpgradeResourceState": (pb.UpgradeResourceState, _upgrade),
            "ReadResource": (pb.ReadResource, self._read),
            "PlanResourceChange": (pb.PlanResourceChange, self._plan),
            "ApplyResourceChange": (pb.ApplyResourceChange, self._apply),
            "ImportResourceState": (pb.ImportResourceState, self._import),
            "ReadDataSource": (pb.ReadDataSource, self._read_data_source),
            "StopProvider": (pb.StopProvider, self._stop),
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                answer,
                request_deserializer=messages.Request.FromString,
                response_serializer=messages.Response.SerializeToString,
            )
            for name, (messages, answer) in calls.items()
        }
        return grpc.method_handlers_generic_handler("tfplugin6.Provider", handlers)

    @functools.cached_property
    def _schemas(self) -> pb.GetProviderSchema.Response:
        return pb.GetProviderSchema.Response(
            provider=schema.message(self._own.provider),
            resource_schemas={name: schema.message(each) for name, each in self._own.resources.items()},
            data_source_schemas={name: schema.message(each) for name, each in self._own.data_sources.items()},
            # Terraform then asks once in a process; without this it asks, and reads all of it, each time it connects:
            # 213 times and 20 % of the time in `terraform test` of envs/demo.
            server_capabilities=pb.ServerCapabilities(get_provider_schema_optional=True),
        )

    def _schema(self, *_: object) -> pb.GetProviderSchema.Response:
        return self._schemas

    def _configure(self, request: pb.ConfigureProvider.Request, _: object) -> pb.ConfigureProvider.Response:
        """Take the settings of the run that begins; an earlier run's stop is over."""
        self._stopping.clear()
        config = decode(request.config)
        region, tags = config.get("region"), at(config, "default_tags.0.tags")
        self._region = region if isinstance(region, str) and region else DEFAULT_REGION
        self._default_tags = tags if isinstance(tags, dict) else {}
        return pb.ConfigureProvider.Response()

    def _plan(self, request: pb.PlanResourceChange.Request, _: object) -> pb.PlanResourceChange.Response:
        proposed, prior = decode(request.proposed_new_state), decode(request.prior_state)
        if proposed is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state, legacy_type_system=True)
        planned = tagged(plan(self._own.resources[request.type_name]["block"], proposed, prior), self._default_tags)
        replaced = replaced_by(request.type_name, prior, planned) if prior else ()
        return pb.PlanResourceChange.Response(
            planned_state=encode(planned),
            requires_replace=[_path(each) for each in replaced],
            # As the published providers say it that were written before plug-in protocol 6.
            legacy_type_system=True,
        )

    def _read(self, request: pb.ReadResource.Request, _: object) -> pb.ReadResource.Response:
        """Answer that all is as the state says, but for what somebody else has removed."""
        found = encode(None) if request.type_name in self._faults.gone else request.current_state
        return pb.ReadResource.Response(new_state=found, private=request.private)

    def _apply(self, request: pb.ApplyResourceChange.Request, _: object) -> pb.ApplyResourceChange.Response:
        kind = request.type_name
        if kind in self._faults.failing:
            return _not_applied(request, f"The stand-in was asked to fail whenever a {kind} is applied.")
        if self._stopping.wait(self._faults.delay(kind)):
            return _not_applied(request, f"Terraform was stopped while a {kind} was applied.")
        planned = decode(request.planned_state)
        if planned is None:
            return pb.ApplyResourceChange.Response(new_state=request.planned_state, legacy_type_system=True)
        if self._watch is not None:
            self._watch(kind, decode(request.config))
        state = invent.fill(kind, self._own.resources[kind]["block"], planned, self._region)
        return pb.ApplyResourceChange.Response(new_state=encode(state), legacy_type_system=True)

    def _read_data_source(self, request: pb.ReadDataSource.Request, _: object) -> pb.ReadDataSource.Response:
        try:
            state = data_sources.answer(request.type_name, decode(request.config), self._region)
        except KeyError:
            return pb.ReadDataSource.Response(
                diagnostics=[_error(f"The stand-in has no answer for {request.type_name}.")]
            )
        return pb.ReadDataSource.Response(state=encode(state))

    def _import(self, request: pb.ImportResourceState.Request, _: object) -> pb.ImportResourceState.Response:
        text = f"A stand-in has nothing to import: {request.type_name} {request.id} exists nowhere."
        return pb.ImportResourceState.Response(diagnostics=[_error(text)])

    def _stop(self, *_: object) -> pb.StopProvider.Response:
        self._stopping.set()
        return pb.StopProvider.Response()


def _upgrade(request: pb.UpgradeResourceState.Request, _: object) -> pb.UpgradeResourceState.Response:
    return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=request.raw_state.json))


def _not_applied(request: pb.ApplyResourceChange.Request, text: str) -> pb.ApplyResourceChange.Response:
    return pb.ApplyResourceChange.Response(
        new_state=request.prior_state, diagnostics=[_error(text)], legacy_type_system=True
    )


def _error(text: str) -> pb.Diagnostic:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=text)


def _path(steps: list[str | int]) -> pb.AttributePath:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(element_key_int=step)
            if isinstance(step, int)
            else pb.AttributePath.Step(attribute_name=step)
            for step in steps
        ]
    )
