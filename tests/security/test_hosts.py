"""By which names the server may be called: a foreign Host could turn a link, a cache or a cookie."""

from dataclasses import replace

import pytest

from settings import Settings
from tests.browser import Browser


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8003", "[::1]:8000"])
def test_known_names_are_answered(browser: Browser, host: str) -> None:
    assert browser.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "evil.example/",
        "e vil",
        "[evil",
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/", "/healthz", "/nowhere"])
def test_a_foreign_name_gets_a_calm_400(browser: Browser, host: str, path: str) -> None:
    answer = browser.get(path, headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "Error 400" in answer.text and "<h1>" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("public", "further", "known"),
    [
        ("https://window.example", "", ["window.example"]),
        ("http://192.168.1.7:8000", "window.lan, .example.com", ["192.168.1.7", "window.lan"]),
        ("http://[fd00::7]:8000", "", ["[fd00::7]"]),
        ("https://ventanilla.peñalba.example", "", ["ventanilla.xn--pealba-xwa.example"]),
        ("", "", ["127.0.0.1"]),
    ],
)
def test_the_public_name_and_the_settings_say_which(
    settings: Settings, public: str, further: str, known: list[str]
) -> None:
    hosts = replace(settings, public_base_url=public, trusted_hosts=further).hosts()

    assert {*known, "127.0.0.1", "localhost", "[::1]"} <= set(hosts)
    assert "" not in hosts
    assert (".example.com" in hosts) == (".example.com" in further)
