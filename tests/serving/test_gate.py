"""Who may reach the exam in a browser."""

from __future__ import annotations

import pytest

from mockexam.errors import AttemptError
from mockexam.serving.gate import Gate, loopback

STRANGERS = ["0.0.0.0", "::", "192.168.1.5", "example.org", "localhost.example.org", "127.0.0.1.example.org", "", "[::"]


@pytest.mark.parametrize(
    ("asked", "listened"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.8.8.8", "127.8.8.8"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ],
)
def test_addresses_of_this_machine_are_taken(asked: str, listened: str) -> None:
    assert loopback(asked, 8420) == listened


@pytest.mark.parametrize("asked", STRANGERS)
def test_any_other_address_is_refused_with_a_reason_and_a_way(asked: str) -> None:
    with pytest.raises(AttemptError) as refused:
        loopback(asked, 8420)
    assert refused.value.kind == "usage"
    assert "ssh -L 8420:127.0.0.1:8420" in str(refused.value.advice)


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420", "LOCALHOST", "[::1]:9", "127.0.0.1"])
def test_the_machines_own_names_are_known_whatever_the_port(host: str) -> None:
    assert Gate().is_named(host)


@pytest.mark.parametrize(
    "host",
    [
        *STRANGERS,
        None,
        "evil.example:8420",
        "127.0.0.1@evil.example",
        "evil.example/127.0.0.1",
        "127.0.0.1:port",
        "2130706433",
    ],
)
def test_a_rebound_name_is_a_strangers(host: str | None) -> None:
    assert not Gate().is_named(host)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://127.0.0.1:8420", True),
        ("http://127.0.0.1:9999", False),
        ("http://localhost:8420", False),
        ("https://127.0.0.1:8420", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_servers_own_page_may_connect(origin: str | None, own: bool) -> None:
    assert Gate().is_own_page(origin, "127.0.0.1:8420") is own


def test_each_run_has_a_secret_of_its_own_that_a_path_can_hold() -> None:
    first, second = Gate(), Gate()
    assert first.secret != second.secret
    assert len(first.secret) >= 43
    assert first.secret.replace("-", "").replace("_", "").isalnum()
    assert first.knows(first.secret)
    assert not first.knows(second.secret)
    assert not first.knows("")
    assert not first.knows("é")
