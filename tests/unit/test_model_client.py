from __future__ import annotations

import pytest

from butler.core.errors import SettingsError
from butler.model.transport import checked_url
from butler.model.wire import runs_elsewhere


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://127.0.0.1:11434/",
        "https://box.example",
        "http://[::1]:11434",
        "https://box.example/ollama",
    ],
)
def test_a_plain_address_is_taken_as_given(url: str) -> None:
    assert checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:11434",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://",
        "http://anna:secret@box.example:11434",
        "http://@box.example",
        "http://box.example:0",
        "http://box.example:99999",
        "http://box.example:port",
        "http://[::1",
        "http://box.example?to=elsewhere",
        "http://box.example#part",
        "http://\x00",
    ],
)
def test_an_odd_address_is_refused_with_what_to_give_and_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match=r"model\.url is .* http://127\.0\.0\.1:11434") as caught:
        checked_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-4.6:cloud", "GLM-4.6:Cloud", "big-cloud", "big-cloud:latest"])
def test_a_cloud_model_is_known_by_its_name(name: str) -> None:
    assert runs_elsewhere(name)


@pytest.mark.parametrize("name", ["", "qwen3.5:9b", "cloud:latest", "cloudy:7b", "cloud-7b:q4"])
def test_a_local_model_is_not_taken_for_a_cloud_one(name: str) -> None:
    assert not runs_elsewhere(name)
