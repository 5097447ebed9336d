from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from butler.environment import scrub_environment

HARMFUL = (
    "HTTP_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "no_proxy",
    "OLLAMA_HOST",
    "OLLAMA_API_KEY",
    "LANGSMITH_TRACING",
    "LANGSMITH_API_KEY",
    "LANGCHAIN_TRACING_V2",
    "LANGGRAPH_API_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "SSLKEYLOGFILE",
)

SET = {"LANGGRAPH_STRICT_MSGPACK": "true", "PYDANTIC_DISABLE_PLUGINS": "__all__"}


def test_what_could_send_text_elsewhere_is_removed_and_named() -> None:
    environ = dict.fromkeys((*HARMFUL, "PATH", "BUTLER_MODEL__URL", "LANG"), "x")
    assert scrub_environment(environ) == tuple(sorted(HARMFUL))
    assert environ == {"PATH": "x", "BUTLER_MODEL__URL": "x", "LANG": "x", **SET}


def test_checkpoints_are_unpacked_strictly_and_no_plugin_sees_values_even_if_the_environment_says_otherwise() -> None:
    environ = {"LANGGRAPH_STRICT_MSGPACK": "false", "PYDANTIC_DISABLE_PLUGINS": ""}
    scrub_environment(environ)
    assert environ == SET


@given(st.dictionaries(st.sampled_from(HARMFUL).map(str.swapcase) | st.text(max_size=20), st.text(max_size=5)))
def test_scrubbing_twice_changes_nothing_more_and_keeps_all_else(environ: dict[str, str]) -> None:
    before = dict(environ)
    scrub_environment(environ)
    once = dict(environ)
    scrub_environment(environ)
    assert environ == once
    assert all(environ[name] == before[name] for name in environ.keys() & before.keys() - SET.keys())
