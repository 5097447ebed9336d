"""A server that speaks as OpenAI's does and answers by a script: llama.cpp's `llama-server`, or LM Studio.

What it says is shaped after what both document and were seen to say: llama.cpp's tools/server/README.md (`meta` in /v1/models,
/props, `exceed_context_size_error` with `n_prompt_tokens` and `n_ctx`, errors as objects with code, message and type, the last
event with `usage`, `data: [DONE]`), and LM Studio's documentation and bug tracker (/v1/models without more than ids, errors as
bare sentences, an unknown path answered with 200 and an error, a prompt that is too long told in mid-stream or cut silently).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from embedded_words import embedded
from good_model import good_model
from ollama_script import Chat, Script, played
from scripted_ollama import Request, ScriptedOllama, _gone, _GoneError


@dataclass
class ScriptedOpenAI:
    """A server on a free loopback port; `manner` is whose. `context` is that of a slot, which only llama.cpp tells.

    `meta` is what llama.cpp tells of the weights, `cuts` that a prompt over the context is cut without a word (LM Studio).
    """

    manner: Literal["llama.cpp", "lmstudio"] = "llama.cpp"
    script: Script = good_model
    models: Sequence[str] = ("good",)
    context: int = 8192
    meta: dict[str, Any] = field(default_factory=lambda: {"n_params": 8_000_000_000, "size": 4_000_000_000, "n_vocab": 128256})
    template: str = "{{ messages }}"
    build: str = "b6543-1a2b3c4d"
    counts: bool = True
    cuts: bool = False
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    disconnected: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    embeds: Callable[[Sequence[str]], Any] = embedded

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[Chat]:
        """The chats that arrived, oldest first, with their schema where a script looks for it."""
        bodies = [request.body for request in list(self.requests) if request.path == "/v1/chat/completions"]
        return [_chat(number, body) for number, body in enumerate(bodies)]


def _chat(number: int, body: Mapping[str, Any]) -> Chat:
    schema = body["response_format"]["json_schema"]["schema"]
    return Chat(number, {**body, "format": schema, "options": {"num_predict": body["max_tokens"]}})


def _handler(server: ScriptedOpenAI) -> type[BaseHTTPRequestHandler]:
    class Bound(_Handler):
        of = server

    return Bound


class _Handler(BaseHTTPRequestHandler):
    of: ScriptedOpenAI
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is http.server's)
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (_GoneError, ConnectionError):
            self.of.disconnected.set()

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def _route(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content) if content else None
        self.of.requests.append(Request(self.command, self.path, dict(self.headers.items()), body))
        routes: dict[tuple[str, str], Callable[[Any], None]] = {
            ("GET", "/v1/models"): lambda _: self.json(self._models()),
            ("POST", "/v1/chat/completions"): self._chat,
            ("POST", "/v1/embeddings"): self._embed,
        }
        if self.of.manner == "llama.cpp":
            routes["GET", "/props"] = lambda _: self.json(self._props())
        routes.get((self.command, self.path), self._unknown)(body)
        self.close_connection = True

    def _unknown(self, body: Any) -> None:
        if self.of.manner == "lmstudio":
            self.json({"error": f"Unexpected endpoint or method. ({self.command} {self.path})"})
        else:
            self.refuse(404, "File Not Found", "not_found_error")

    def _models(self) -> dict[str, Any]:
        meta = {"meta": self.of.meta} if self.of.manner == "llama.cpp" else {}
        entries = [{"id": name, "object": "model", "owned_by": "somebody", "created": 1, **meta} for name in self.of.models]
        return {"object": "list", "data": entries}

    def _props(self) -> dict[str, Any]:
        settings = {"n_ctx": self.of.context, "id": 0}
        return {
            "default_generation_settings": settings,
            "total_slots": 1,
            "model_path": "/models/good.gguf",
            "chat_template": self.of.template,
            "build_info": self.of.build,
        }

    def _embed(self, body: Any) -> None:
        if any(len(text) > 4 * self.of.context for text in body["input"]):
            self.refuse(500, "input is too large to process. increase the physical batch size", "server_error")
            return
        rows = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(self.of.embeds(body["input"]))]
        counted = sum(2 + len(re.findall(r"\w+", text)) for text in body["input"])
        usage = {"prompt_tokens": counted, "total_tokens": counted}
        self.json({"object": "list", "model": body["model"], "data": rows[::-1], "usage": usage})

    def _chat(self, body: Any) -> None:
        counted = ScriptedOllama().tokens(body)
        if counted > self.of.context and not self.of.cuts:
            self._too_long(counted)
            return
        exchange = _Exchange(self, _chat(len(self.of.chats) - 1, body), min(counted, self.of.context))
        played(self.of.script(exchange.chat)).play(exchange)
        exchange.end()

    def _too_long(self, counted: int) -> None:
        context = self.of.context
        if self.of.manner == "lmstudio":
            told = (
                f"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: {counted}>= "
            )
            self.json({"error": f"{told}n_ctx: {context})."}, 400)
            return
        message = f"request ({counted} tokens) exceeds the available context size ({context} tokens), try increasing it"
        more = {"n_prompt_tokens": counted, "n_ctx": context}
        self.json({"error": {"code": 400, "message": message, "type": "exceed_context_size_error", **more}}, 400)

    def refuse(self, status: int, message: str, kind: str, headers: Mapping[str, str] | None = None) -> None:
        if self.of.manner == "lmstudio":
            self.json({"error": message}, status, headers)
        else:
            self.json({"error": {"code": status, "message": message, "type": kind}}, status, headers)

    def json(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        own = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(content))}
        for name, said in {**own, **(headers or {})}.items():
            self.send_header(name, said)
        self.end_headers()
        self.wfile.write(content)


class _Exchange:
    """See ollama_script.Exchange."""

    def __init__(self, handler: _Handler, chat: Chat, counted: int) -> None:
        self.chat = chat
        self._handler = handler
        self._counted = counted
        self._began = False

    def refuse(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        self._handler.refuse(status, error, "server_error", headers)

    def piece(self, content: str, **more: Any) -> None:
        thought = {"reasoning_content": more["thinking"]} if "thinking" in more else {}
        self._event([{"index": 0, "delta": {"content": content, **thought}, "finish_reason": None}])

    def done(self, content: str, **more: Any) -> None:
        if content:
            self.piece(content)
        self._event([{"index": 0, "delta": {}, "finish_reason": more.get("done_reason", "stop")}])
        if self._handler.of.counts:
            usage = {"prompt_tokens": more.get("prompt_eval_count", self._counted), "completion_tokens": 20}
            self._event([], usage=usage)
        self.raw(b"data: [DONE]\n\n")

    def raw(self, content: bytes) -> None:
        if not self._began:
            self._began = True
            self._handler.send_response(200)
            self._handler.send_header("Content-Type", "text/event-stream")
            self._handler.send_header("Transfer-Encoding", "chunked")
            self._handler.end_headers()
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self._handler.wfile.flush()

    def hang_up(self) -> None:
        self._began = False
        self._handler.close_connection = True

    def wait(self, seconds: float) -> None:
        until = threading.TIMEOUT_MAX if seconds > 1e6 else seconds
        waited = 0.0
        while waited < until:
            step = min(0.02, seconds)
            waited += step
            if self._handler.of.closing.wait(step) or _gone(self._handler.connection):
                raise _GoneError

    def end(self) -> None:
        """End a streamed answer."""
        if self._began:
            self._handler.wfile.write(b"0\r\n\r\n")

    def _event(self, choices: Sequence[Mapping[str, Any]], **more: Any) -> None:
        event = {"object": "chat.completion.chunk", "id": "chatcmpl-1", "created": 1, "model": self.chat.body["model"]}
        self.raw(b"data: " + json.dumps({**event, "choices": choices, **more}).encode() + b"\n\n")
