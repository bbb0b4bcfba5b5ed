"""A local server that speaks the HTTP of the vendors of models and of the index: as told, well or badly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

PIECES = ("Your record lists apix", "aban, a blood thinner. ", "Please be exam", "ined today.")


@dataclass
class Vendor:
    """
    How the vendor answers, at `url`; `asked` is what was asked of it, with the headers.

    `manner` is `well`, a status, or one of the faults below.
    """

    url: str = ""
    manner: str | int = "well"
    pieces: tuple[str, ...] = PIECES
    hits: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        """Answer as `manner` says."""
        body = await request.json()
        self.asked.append(body)
        self.headers.append(dict(request.headers))
        if isinstance(self.manner, int):
            told = f"quota for {body.get('model')} exceeded: {json.dumps(body)}"
            return JSONResponse({"error": {"message": told, "type": "error"}}, self.manner)
        if self.manner == "hang":
            await asyncio.sleep(30)
        if self.manner == "malformed":
            return Response("<html>busy</html>", media_type="text/html")
        if self.manner == "another form":
            return JSONResponse({"hello": "there"})
        if request.url.path.endswith("/search"):
            return JSONResponse({"result": {"hits": self.hits}, "usage": {"read_units": 1}})
        openai = request.url.path.endswith("/completions")
        if body.get("stream"):
            events = self._openai_events() if openai else self._anthropic_events()
            return StreamingResponse(events, media_type="text/event-stream")
        text = "" if self.manner == "empty" else "".join(self.pieces)
        return JSONResponse(self._openai(text) if openai else self._anthropic(text))

    def _openai(self, text: str) -> dict[str, Any]:
        ending = "content_filter" if self.manner == "cut off" else "stop"
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": ending, "message": message}
        return {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}

    def _anthropic(self, text: str) -> dict[str, Any]:
        ending = "refusal" if self.manner == "cut off" else "end_turn"
        usage = {"input_tokens": 1, "output_tokens": 1}
        content = [{"type": "text", "text": text}]
        return {
            "id": "m-1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": content,
            "stop_reason": ending,
            "stop_sequence": None,
            "usage": usage,
        }

    async def _told(self) -> AsyncIterator[str]:
        for number, piece in enumerate(() if self.manner == "empty" else self.pieces):
            if number == len(self.pieces) // 2:
                if self.manner == "half":
                    return
                if self.manner == "broken":
                    message = "the connection is gone"
                    raise ConnectionResetError(message)
                if self.manner == "half, then hang":
                    await asyncio.sleep(30)
            yield piece

    async def _openai_events(self) -> AsyncIterator[str]:
        frame = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        async for piece in self._told():
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            yield f"data: {json.dumps({**frame, 'choices': [choice]})}\n\n"
        if self.manner == "half":
            return
        ending = "content_filter" if self.manner == "cut off" else "stop"
        yield f"data: {json.dumps({**frame, 'choices': [{'index': 0, 'delta': {}, 'finish_reason': ending}]})}\n\n"
        yield "data: [DONE]\n\n"

    async def _anthropic_events(self) -> AsyncIterator[str]:
        def event(kind: str, **told: Any) -> str:
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **told})}\n\n"

        message = {**self._anthropic(""), "content": [], "stop_reason": None}
        yield event("message_start", message=message)
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        async for piece in self._told():
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        if self.manner == "half":
            return
        yield event("content_block_stop", index=0)
        ending = "refusal" if self.manner == "cut off" else "end_turn"
        delta = {"stop_reason": ending, "stop_sequence": None}
        yield event("message_delta", delta=delta, usage={"output_tokens": 1})
        yield event("message_stop")


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Vendor]:
    """Serve on a free port until the block ends."""
    vendor = Vendor()
    app = Starlette(routes=[Route("/{path:path}", vendor.answer, methods=["GET", "POST"])])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=0)
        server = uvicorn.Server(config)
        # `serve` would take the signals of pytest.
        task = asyncio.create_task(server._serve([listener]))
        try:
            while not server.started:  # noqa: ASYNC110 - uvicorn tells of it by nothing else
                await asyncio.sleep(0.01)
            vendor.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            yield vendor
        finally:
            server.should_exit = True
            await task
