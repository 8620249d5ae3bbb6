"""Certificates for a server that speaks TLS: an authority, and what it and others sign, made anew for each run.

A client that trusts `ca.pem` trusts the server at 127.0.0.1 and, through a tunnel, at every name but those of HOSTS.
Keys and certificates differ from run to run; nothing of a recording may hold them.
"""

import ssl
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, GeneralName, KeyUsage

__all__ = ["HOSTS", "Certificates", "CertificatesError"]

Fault = Literal["expired", "early", "other_name", "stranger", "self_signed"]

HOSTS: Mapping[str, Fault] = {
    "localhost": "other_name",
    "expired.invalid": "expired",
    "early.invalid": "early",
    "stranger.invalid": "stranger",
    "self-signed.invalid": "self_signed",
}
"""The names whose certificate has something wrong: it is over, has not begun, is another host's (127.0.0.1's), or is
signed by an authority that is in no file, or by nobody."""

_ADDRESS = "127.0.0.1"
_DAY = timedelta(days=1)


class CertificatesError(Exception):
    """There is nothing to make certificates with; the message says what to install."""


@dataclass(frozen=True, kw_only=True)
class _Party:
    key: "EllipticCurvePrivateKey"
    certificate: "Certificate"

    @cached_property
    def pem(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.certificate.public_bytes(Encoding.PEM)

    @cached_property
    def key_pem(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(kw_only=True)
class Certificates:
    """One authority and the certificates of a run. Raises CertificatesError where `cryptography` is missing."""

    _servers: dict[str, _Party] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            import cryptography.x509  # noqa: F401  # only a server that speaks TLS needs it
        except ImportError:
            text = "TLS needs certificates, and what makes them is not installed: pip install cryptography"
            raise CertificatesError(text) from None

    @cached_property
    def _authority(self) -> _Party:
        return _made("Scenario CA", None)

    @cached_property
    def _other(self) -> _Party:
        return _made("Another CA", None)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """What a client may be told to trust.

        The authority (`ca`), another one (`other`), both with words between them (`bundle`), the authority as OpenSSL
        names what it trusts (`trusted`), with a list of what it has revoked (`revoking`), and before a certificate that
        ends early (`broken`); and what the server at 127.0.0.1 shows, alone (`leaf`).
        """
        ca, other = self._authority.pem, self._other.pem
        return {
            "ca.pem": ca,
            "other.pem": other,
            "bundle.pem": b"Two authorities.\n\n# Another CA\n" + other + b"\n# Scenario CA\n" + ca,
            "trusted.pem": ca.replace(b" CERTIFICATE-", b" TRUSTED CERTIFICATE-"),
            "revoking.pem": ca + _revocations(self._authority),
            "broken.pem": ca + _broken(other),
            "leaf.pem": self._server("").pem,
        }

    def context(self, asked: Callable[[str], None]) -> ssl.SSLContext:
        """The server's side of one handshake: the certificate is the one of the name that the client asks for.

        `asked` is told that name; a client that asks for an address names nobody.
        """
        context = _server_context(self._chain(""))

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                asked(name)
                connection.context = _server_context(self._chain(name))

        context.sni_callback = choose  # asyncio gives an SSLObject, never an SSLSocket
        return context

    def _chain(self, name: str) -> bytes:
        server = self._server(name)
        return server.key_pem + server.pem

    def _server(self, name: str) -> _Party:
        if name not in self._servers:
            self._servers[name] = self._leaf(name)
        return self._servers[name]

    def _leaf(self, name: str) -> _Party:
        fault = HOSTS.get(name)
        if fault == "self_signed":
            return _made("Scenario server", None, names=(name,))
        signer = _made("Stranger CA", None) if fault == "stranger" else self._authority
        begins = {"expired": -10 * _DAY, "early": 10 * _DAY}.get(fault or "", -_DAY)
        names = (_ADDRESS,) if fault == "other_name" else (_ADDRESS, name) if name else (_ADDRESS,)
        return _made("Scenario server", signer, names=names, begins=begins)


def _server_context(chain: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])  # HTTP/2 would lose the order and case of a head
    with tempfile.TemporaryDirectory() as folder:  # a context reads files alone
        path = Path(folder, "chain.pem")
        path.write_bytes(chain)
        context.load_cert_chain(path)
    return context


def _made(subject: str, signer: _Party | None, *, names: tuple[str, ...] = (), begins: timedelta = -_DAY) -> _Party:
    """A key and its certificate, signed by `signer` or by itself; without names it is an authority's. Nine days."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)])
    issuer, signing = (own, key) if signer is None else (signer.certificate.subject, signer.key)
    start = datetime.now(UTC) + begins
    ca = not names
    draft = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + 9 * _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    )
    if names:
        draft = draft.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        draft = draft.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return _Party(key=key, certificate=draft.sign(signing, hashes.SHA256()))


def _revocations(signer: _Party) -> bytes:
    """A list on which nothing stands."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    now = datetime.now(UTC)
    draft = x509.CertificateRevocationListBuilder().issuer_name(signer.certificate.subject)
    draft = draft.last_update(now - _DAY).next_update(now + 9 * _DAY)
    return draft.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _broken(pem: bytes) -> bytes:
    """Good base64 of half a certificate."""
    first, *lines, last = pem.splitlines(keepends=True)
    return b"".join([first, *lines[: len(lines) // 2], last])


def _usage(ca: bool) -> "KeyUsage":
    from cryptography.x509 import KeyUsage

    return KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> "GeneralName":
    from cryptography.x509 import DNSName, IPAddress

    try:
        return IPAddress(ip_address(name))
    except ValueError:
        return DNSName(name)
