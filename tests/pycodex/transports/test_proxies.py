from __future__ import annotations

import pytest

from pycodex.transports.proxies import proxy_for


@pytest.mark.parametrize(
    ("url", "env", "expected"),
    [
        ("http://h/", {}, None),
        ("http://h/", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
        ("https://h/", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://h/", {"https_proxy": "p:1"}, "http://p:1"),
        ("https://h/", {"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ("https://h/", {"HTTPS_PROXY": "ftp://p:1", "ALL_PROXY": "http://q:1"}, "http://q:1"),
        ("https://h/", {"HTTPS_PROXY": "p:1/path"}, None),
        ("http://a.example.com/", {"ALL_PROXY": "http://p:1", "NO_PROXY": "x, example.com"}, None),
        ("http://a.example.com/", {"ALL_PROXY": "http://p:1", "no_proxy": ".example.com"}, None),
        ("http://notexample.com/", {"ALL_PROXY": "http://p:1", "NO_PROXY": "example.com"}, "http://p:1"),
        ("http://10.1.2.3/", {"ALL_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, None),
        ("http://127.0.0.1:8/", {"ALL_PROXY": "http://p:1", "NO_PROXY": "127.0.0.1"}, None),
        ("http://h/", {"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
    ],
)
def test_proxy_for(url: str, env: dict[str, str], expected: str | None) -> None:
    assert proxy_for(url, env) == expected
