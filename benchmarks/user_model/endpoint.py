"""A fake OpenAI-compatible endpoint on loopback, in a process of its own.

    python -m benchmarks.user_model.endpoint

prints its URL and serves until its standard input ends. Chat answers come from ``replies``, in
one piece or as a stream; embeddings are ``hashed``, as floats or in base64, which is what OpenAI's
client asks for unless told otherwise.
"""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from benchmarks.synthetic_store import SETTINGS
from benchmarks.user_model.hashed import NAME, hashed
from benchmarks.user_model.material import USER_NAME, deeds
from benchmarks.user_model.replies import FakeModel, Schema

MODEL = "fake"
_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def create_app(model: FakeModel) -> FastAPI:
    """The routes that the arms call."""
    app = FastAPI()

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {
            "object": "list",
            "data": [{"id": name, "object": "model"} for name in (MODEL, NAME)],
        }

    @app.post("/v1/chat/completions", response_model=None)
    async def complete(request: Request) -> dict[str, Any] | StreamingResponse:
        asked = await request.json()
        prompt = "\n".join(str(message["content"]) for message in asked["messages"])
        answer = model.reply(prompt, _schema(asked))
        if asked.get("stream"):
            return StreamingResponse(_streamed(answer), media_type="text/event-stream")
        message = {"role": "assistant", "content": answer}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**_head("chat.completion"), "choices": [choice], "usage": _USAGE}

    @app.post("/v1/embeddings")
    async def embed(request: Request) -> dict[str, Any]:
        asked = await request.json()
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        encoded = asked.get("encoding_format") == "base64"
        rows = [
            {"object": "embedding", "index": n, "embedding": _encoded(row) if encoded else row}
            for n, row in enumerate(map(hashed, texts))
        ]
        return {"object": "list", "data": rows, "model": NAME, "usage": _USAGE}

    return app


def _schema(asked: dict[str, Any]) -> Schema | None:
    wanted = asked.get("response_format") or {}
    schema: Schema | None = wanted.get("json_schema", {}).get("schema")
    return schema


def _head(kind: str) -> dict[str, Any]:
    return {"id": "fake-1", "object": kind, "created": 0, "model": MODEL}


def _streamed(answer: str) -> Iterator[str]:
    head = _head("chat.completion.chunk")
    for delta, finish in (({"role": "assistant", "content": answer}, None), ({}, "stop")):
        chunk = {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        yield f"data: {json.dumps(chunk)}\n\n"
    yield "data: [DONE]\n\n"


def _encoded(row: list[float]) -> str:
    return base64.b64encode(np.asarray(row, dtype="<f4").tobytes()).decode()


@contextmanager
def served() -> Iterator[str]:
    """A fresh endpoint for as long as the block runs; gives its URL, with its version."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.user_model.endpoint"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        if not (url := server.stdout.readline().strip()):
            raise RuntimeError("the fake endpoint did not start")
        yield url
    finally:
        server.communicate()  # ends its input, and so itself


def main() -> None:
    """Serves until the input ends."""
    app = create_app(FakeModel(deeds(), SETTINGS, USER_NAME))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))

    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
        if not thread.is_alive():
            raise SystemExit("the fake endpoint did not start")
    [port] = [each.getsockname()[1] for each in server.servers[0].sockets]
    print(f"http://127.0.0.1:{port}/v1", flush=True)
    sys.stdin.read()
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    main()
