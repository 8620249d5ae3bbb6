"""Which files are trusted, and which cannot be used; what comes of it on the wire is recorded: faults/tls_trusted."""

from pathlib import Path

import pytest

from fake_server.certificates import Certificates
from pycodex.transports.authorities import chosen_file, unusable
from pycodex.transports.tls import tls_context


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    laid = tmp_path_factory.mktemp("certificates")
    for name, data in Certificates().files.items():
        (laid / name).write_bytes(data)
    (laid / "empty.pem").write_bytes(b"")
    return laid


@pytest.mark.parametrize("name", ["ca.pem", "bundle.pem", "trusted.pem", "revoking.pem", "leaf.pem"])
def test_a_file_of_certificates_can_be_used(folder: Path, name: str) -> None:
    assert unusable({"CODEX_CA_CERTIFICATE": str(folder / name)}) is None


@pytest.mark.parametrize("name", ["broken.pem", "empty.pem", "nowhere.pem", "."])
@pytest.mark.parametrize("variable", ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"])
def test_any_other_cannot_and_its_variable_is_named(folder: Path, variable: str, name: str) -> None:
    file = str(folder / name)
    reason = unusable({variable: file})
    assert reason is not None and variable in reason and file in reason


def test_codex_ca_certificate_counts_unless_it_is_empty() -> None:
    both = {"CODEX_CA_CERTIFICATE": "a", "SSL_CERT_FILE": "b"}
    assert chosen_file(both) == ("CODEX_CA_CERTIFICATE", "a")
    assert chosen_file({**both, "CODEX_CA_CERTIFICATE": ""}) == ("SSL_CERT_FILE", "b")
    assert chosen_file({}) is None and unusable({}) is None


def test_both_files_are_trusted_and_an_unusable_one_is_left_out(folder: Path) -> None:
    plain = tls_context({}).cert_store_stats()["x509_ca"]
    ca, other, nowhere = (str(folder / name) for name in ("ca.pem", "other.pem", "nowhere.pem"))
    both = tls_context({"CODEX_CA_CERTIFICATE": ca, "SSL_CERT_FILE": other}).cert_store_stats()["x509_ca"]
    one = tls_context({"CODEX_CA_CERTIFICATE": nowhere, "SSL_CERT_FILE": ca}).cert_store_stats()["x509_ca"]
    assert (both - plain, one - plain) == (2, 1)


def test_the_certificate_that_is_none_is_counted(folder: Path) -> None:
    reason = unusable({"SSL_CERT_FILE": str(folder / "broken.pem")})
    assert reason is not None and reason.startswith("Failed to register certificate #2 from ")


@pytest.mark.parametrize(
    "text", ["-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"]
)
def test_an_empty_or_open_block_is_no_certificate(folder: Path, text: str) -> None:
    (folder / "odd.pem").write_text(text)
    assert unusable({"SSL_CERT_FILE": str(folder / "odd.pem")}) is not None
