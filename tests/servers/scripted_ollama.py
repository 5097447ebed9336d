"""An Ollama server that answers by a script, held by a test to what a real one was recorded to say.

In tests: `with ScriptedOllama() as server`, then set `server.script`, `server.models`, `server.version`. From the
command line, to try the butler without a model: `python tests/servers/scripted_ollama.py --port 11434`.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from embedded_words import embedded
from good_model import good_model
from ollama_script import Answer, Chat, Script, played
from served_model import ServedModel, stamp

_INTEGER_OPTIONS = ("num_ctx", "num_predict", "seed")
_DEFAULT_CONTEXT = 4096


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None


@dataclass
class ScriptedOllama:
    """A server on a free loopback port; `requests` holds all that arrived, `disconnected` is set when a client left early.

    `token_bytes` is how many bytes make a token, `cuts_silently` that a long prompt is cut whatever was asked for,
    `headers` are sent with every whole answer; `keeps` leaves connections open, `connections` counts them. `embeds` makes
    vectors of texts, of which it reads the part `embeds_read`; `meanwhile` is called with each request
    before it is answered, and may move a tag or change the version.
    """

    script: Script = good_model
    models: Sequence[ServedModel] = (ServedModel(),)
    version: str = "0.31.2"
    token_bytes: float = 4.0
    cuts_silently: bool = False
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    disconnected: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)
    contexts: dict[str, int] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    keeps: bool = False
    connections: int = 0
    embeds: Callable[[Sequence[str]], Any] = embedded
    embeds_read: float = 1.0
    meanwhile: Callable[[Request], None] = lambda _request: None

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
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
        """The chats that arrived, oldest first."""
        bodies = (request.body for request in list(self.requests) if request.path == "/api/chat")
        return [Chat(number, body) for number, body in enumerate(bodies)]

    def find(self, name: object) -> ServedModel | None:
        """The model of that name, completed with :latest."""
        return next((model for model in self.models if name in (model.name, model.name.removesuffix(":latest"))), None)

    def move(self, name: str, **changed: Any) -> None:
        """Have a name mean another model from now on, as a pull does."""
        self.models = [replace(model, **changed) if model.name == name else model for model in self.models]

    def paths(self) -> list[str]:
        """What was asked for, oldest first."""
        return [request.path for request in list(self.requests)]

    def tokens(self, body: Mapping[str, Any]) -> int:
        """How many tokens a prompt comes to."""
        contents = [str(message["content"]) for message in body["messages"]]
        words = sum(len(re.findall(r"\w+", content)) for content in contents)
        size = sum(len(content.encode()) for content in contents)
        return 10 + 4 * len(contents) + max(words, math.ceil(size / self.token_bytes))


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64


class _GoneError(Exception):
    """The client closed its connection, or the server is to end."""


def _handler(ollama: ScriptedOllama) -> type[BaseHTTPRequestHandler]:
    """The handler class of one server (http.server makes an instance of it for each connection)."""

    class Bound(_Handler):
        server_of = ollama

    return Bound


class _Handler(BaseHTTPRequestHandler):
    server_of: ScriptedOllama
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is http.server's)
        pass

    def handle(self) -> None:
        self.server_of.connections += 1
        try:
            super().handle()
        except (_GoneError, ConnectionError):
            self.server_of.disconnected.set()

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_DELETE(self) -> None:
        self._route()

    def _route(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, _parsed(content))
        self.server_of.requests.append(request)
        self.server_of.meanwhile(request)
        routes: dict[tuple[str, str], Callable[[Any], None]] = {
            ("GET", "/"): lambda _: self.answer(200, "text/plain; charset=utf-8", b"Ollama is running"),
            ("GET", "/api/version"): lambda _: self.json({"version": self.server_of.version}),
            ("GET", "/api/tags"): lambda _: self.json({"models": [model.listed() for model in self.server_of.models]}),
            ("GET", "/api/ps"): lambda _: self.json({"models": self._loaded()}),
            ("POST", "/api/show"): self._show,
            ("POST", "/api/chat"): self._chat,
            ("POST", "/api/embed"): self._embed,
            ("POST", "/api/copy"): self._copy,
            ("DELETE", "/api/delete"): self._delete,
        }
        routes.get((self.command, self.path), self._unknown)(request.body)
        # No connection outlives its answer, so that the server can end at any time, unless it is to.
        self.close_connection = self.close_connection or not self.server_of.keeps

    def _unknown(self, body: Any) -> None:
        self.answer(404, "text/plain", b"404 page not found")

    def _loaded(self) -> list[dict[str, Any]]:
        ollama = self.server_of
        return [model.loaded(ollama.contexts[model.name]) for model in ollama.models if model.name in ollama.contexts]

    def _show(self, body: Any) -> None:
        model = self.server_of.find(body["model"])
        if model is None:
            self.json({"error": f"model '{body['model']}' not found"}, 404)
        else:
            self.json(model.shown())

    def _copy(self, body: Any) -> None:
        """Have a name mean what another one does: the digest is the same, for as long as neither is moved."""
        ollama, model = self.server_of, self.server_of.find(body["source"])
        if model is None:
            self.json({"error": f'model "{body["source"]}" not found'}, 404)
            return
        name = body["destination"] if ":" in body["destination"] else f"{body['destination']}:latest"
        ollama.models = [*(each for each in ollama.models if each.name != name), replace(model, name=name)]
        self._nothing()

    def _delete(self, body: Any) -> None:
        ollama, model = self.server_of, self.server_of.find(body["model"])
        if model is None:
            self.json({"error": f"model '{body['model']}' not found"}, 404)
            return
        ollama.models = [each for each in ollama.models if each.name != model.name]
        self._nothing()

    def _nothing(self) -> None:
        """Answer with 200 and nothing, not even a type."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _embed(self, body: Any) -> None:
        """Vectors from the words of each text, in which words that mean the like are one; `embeds` may answer otherwise."""
        model = self.server_of.find(body["model"])
        if model is None:
            self.json({"error": f"model '{body['model']}' not found"}, 404)
        elif body.get("truncate") is False and any(len(text) > 4 * model.context_length for text in body["input"]):
            self.json({"error": "the input length exceeds the context length"}, 400)
        else:
            found = self.server_of.embeds(body["input"])
            durations = {"total_duration": 5_000_000, "load_duration": 1_000_000}
            counted = int(self.server_of.embeds_read * sum(len(re.findall(r"\w+", text)) + 2 for text in body["input"]))
            self.json({"model": model.name, "embeddings": found, **durations, "prompt_eval_count": counted})

    def _chat(self, body: Any) -> None:
        ollama = self.server_of
        refused = _refusal(ollama, body)
        if refused is not None:
            self.json({"error": refused[1]}, refused[0])
            return
        exchange = _Exchange(self, Chat(len(ollama.chats) - 1, body))
        if not body["messages"]:
            exchange.load()
            return
        model = ollama.find(body["model"]) or ServedModel()
        ollama.contexts[model.name] = min(_context(body), model.context_length)
        played(ollama.script(exchange.chat)).play(exchange)
        exchange.end()

    def json(self, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a JSON document."""
        content = json.dumps(value, ensure_ascii=False).encode()
        self.answer(status, "application/json; charset=utf-8", content, headers)

    def answer(self, status: int, content_type: str, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer with a whole body."""
        self.send_response(status)
        own = {"Content-Type": content_type, "Content-Length": str(len(content))}
        for name, value in {**own, **self.server_of.headers, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class _Exchange:
    """See ollama_script.Exchange."""

    def __init__(self, handler: _Handler, chat: Chat) -> None:
        self.chat = chat
        self._handler = handler
        self._ollama = handler.server_of
        self._stream = chat.body.get("stream", True)
        self._began = False

    def refuse(self, status: int, error: str, headers: Mapping[str, str] | None = None) -> None:
        self._handler.json({"error": error}, status, headers)

    def load(self) -> None:
        """Answer a chat without messages: the model is loaded, or with keep_alive 0 unloaded."""
        reason = "unload" if self.chat.body.get("keep_alive") == 0 else "load"
        self._send({**self._part(""), "done": True, "done_reason": reason})
        self.end()

    def piece(self, content: str, **more: Any) -> None:
        self._send(self._part(content, **more))

    def done(self, content: str, **more: Any) -> None:
        counted = self._ollama.tokens(self.chat.body)
        context = _context(self.chat.body)
        if counted > context:
            counted = context // 2 + 2 if self._ollama.cuts_silently else context
        counts = {"prompt_eval_count": counted, "prompt_eval_duration": 1_000_000, "eval_count": 20, "eval_duration": 1_000_000}
        durations = {"total_duration": 5_000_000, "load_duration": 1_000_000}
        self._send({**self._part(content), "done": True, "done_reason": "stop", **durations, **counts, **more})

    def raw(self, content: bytes) -> None:
        if not self._began:
            self._began = True
            self._handler.send_response(200)
            self._handler.send_header("Content-Type", "application/x-ndjson")
            self._handler.send_header("Transfer-Encoding", "chunked")
            self._handler.end_headers()
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self._handler.wfile.flush()

    def hang_up(self) -> None:
        self._began = False
        self._handler.close_connection = True

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._ollama.closing.wait(min(0.02, seconds)) or _gone(self._handler.connection):
                raise _GoneError

    def end(self) -> None:
        """End a streamed answer."""
        if self._began:
            self._handler.wfile.write(b"0\r\n\r\n")

    def _part(self, content: str, **more: Any) -> dict[str, Any]:
        message = {"role": "assistant", "content": content, **more}
        return {"model": self.chat.body["model"], "created_at": stamp(), "message": message, "done": False}

    def _send(self, line: Mapping[str, Any]) -> None:
        if self._stream:
            self.raw(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        else:
            self._handler.json(line)


def _refusal(ollama: ScriptedOllama, body: Any) -> tuple[int, str] | None:
    """What a real server says before it asks the model, in its order."""
    if not isinstance(body, dict):
        return 400, "missing request body"
    model = ollama.find(body.get("model"))
    if model is None:
        return 404, f"model '{body.get('model')}' not found"
    options = body.get("options", {})
    for name in _INTEGER_OPTIONS:
        if not isinstance(options.get(name, 0), int):
            return 500, f'option "{name}" must be of type integer'
    if body.get("think") and "thinking" not in model.capabilities:
        return 400, f'"{body["model"]}" does not support thinking'
    if re.search(r'"pattern": "(?!\^)', json.dumps(body.get("format"))):
        return 500, "invalid JSON schema in format"
    refuses = body.get("truncate") is False and not ollama.cuts_silently
    if refuses and body["messages"] and ollama.tokens(body) > _context(body):
        return 400, "the input length exceeds the context length"
    return None


def _context(body: Mapping[str, Any]) -> int:
    return int(body.get("options", {}).get("num_ctx", _DEFAULT_CONTEXT))


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _gone(connection: socket.socket) -> bool:
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the good model until interrupted."""
    parser = argparse.ArgumentParser(description="An Ollama without a model, which answers every step sensibly.")
    parser.add_argument("--port", type=int, default=11434, help="the loopback port (0: any free one)")
    parser.add_argument("--model", default="good:latest", help="the model's name")
    parser.add_argument("--digest", default=ServedModel().digest, help="its digest: another one is what a moved tag looks like")
    chosen = parser.parse_args(arguments)
    with ScriptedOllama(port=chosen.port, models=(replace(ServedModel(), name=chosen.model, digest=chosen.digest),)) as server:
        try:
            # Whoever reads this may interrupt at once.
            print(f"{server.url} serves {chosen.model}; interrupt to end.", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            print("ended")


__all__ = ["Answer", "Chat", "Request", "ScriptedOllama", "ServedModel", "good_model", "main"]

if __name__ == "__main__":
    main()
