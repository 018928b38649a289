"""What keeps the connections of DICOM secret, and tells who is at their other end.

Source: DICOM PS3.15, annex B: TLS 1.2 or newer, each side known by a certificate.
"""

import ssl
from typing import Any, NamedTuple

from msgspec import Struct

from edge_runtime.errors import FundusError, printable

# Verdicts of X.509 as OpenSSL numbers them, in x509_vfy.h.
_OTHER_NAME = (62, 64)
_NOT_NOW = dict.fromkeys((9, 10), "; check this computer's clock, or have it renewed there")
_NOT_KNOWN = dict.fromkeys((18, 19, 20, 21), "; give its authority's by --tls-ca")
_REMEDIES = _NOT_NOW | _NOT_KNOWN

_REFUSED = "it doesn't take our certificate, or wants one (--tls-certificate, --tls-key)"
# what is slow, and what speaks no TLS, may both do so
_SLOW = "it takes too long to begin encrypted; check the network, the port, and that it speaks TLS"
_BROKE_OFF = "it broke off before it spoke encrypted; check the port, and that it speaks TLS"


class TlsFault(NamedTuple):
    """Why there is no encrypted connection: a clause about the peer, and whether it may pass."""

    clause: str
    may_pass: bool = False


class TlsFilesError(FundusError, ValueError):
    """Files that can't be used for TLS."""

    def __init__(self, files: "TlsFiles", cause: str) -> None:
        named = ", ".join(map(printable, filter(None, (files.certificate, files.key))))
        authority = printable(files.authority) if files.authority else ""
        super().__init__(f"{', '.join(filter(None, (named, authority)))}: {cause}")


class TlsFiles(Struct, frozen=True):
    """PEM files by their paths: our certificate, its key, and who vouches for the other side.

    Each is "" where there is none.
    """

    certificate: str = ""
    key: str = ""
    authority: str = ""


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """Make what keeps connections secret that others make to us.

    They must have a certificate where an authority is named.

    Raises:
        TlsFilesError: A file can't be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if files.authority:
        context.verify_mode = ssl.CERT_REQUIRED
    _load(context, files)
    return context


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Make what keeps connections secret that we make to others.

    Their certificate must be vouched for by the authority, or by one that the system trusts where
    none is named, and be of the name or address by which we call them.

    Raises:
        TlsFilesError: A file can't be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not files.authority:
        context.load_default_certs()
    _load(context, files)
    return context


def noted_faults(context: ssl.SSLContext) -> list[TlsFault]:
    """Have what goes wrong on connections of a context noted, as the protocol's library only logs.

    They are closed when they end, too, which the library leaves to the collector where they failed.

    Returns:
        What went wrong, the last one last.
    """
    faults: list[TlsFault] = []

    class Noting(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            try:
                super().do_handshake(block)
            except OSError as error:
                faults.append(_fault(error))
                raise

        def connect(self, addr: Any) -> None:
            try:
                super().connect(addr)
            except OSError:
                self.close()
                raise

        def shutdown(self, how: int) -> None:
            try:
                super().shutdown(how)
            finally:
                self.close()

        def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
            try:
                return super().recv(buflen, flags)
            except ssl.SSLError as error:  # TLS 1.3 refuses a certificate behind the handshake
                faults.append(_fault(error))
                raise

    context.sslsocket_class = Noting
    return faults


def _fault(error: OSError) -> TlsFault:
    if isinstance(error, TimeoutError):
        return TlsFault(_SLOW, may_pass=True)
    if isinstance(error, ConnectionError):
        return TlsFault(_BROKE_OFF, may_pass=True)
    return TlsFault(_clause(error))


def _clause(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _OTHER_NAME:
            return "its certificate is of another name or address; write that one in --peer"
        remedy = _REMEDIES.get(error.verify_code, "; ask there which one it is")
        said = error.verify_message.rstrip(".")
        return f"its certificate isn't to be trusted ({said}){remedy}"
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    if "PROTOCOL" in reason:
        return "it doesn't speak TLS 1.2 or newer; have that switched on there"
    if "ALERT" in reason:
        return _REFUSED
    return "something answers there, but without TLS; check the port"


def _load(context: ssl.SSLContext, files: TlsFiles) -> None:
    def locked() -> Any:
        raise TlsFilesError(
            TlsFiles(key=files.key),
            "the key is locked by a passphrase, which nobody can type at a start",
        )

    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if files.certificate:
            context.load_cert_chain(files.certificate, files.key or None, password=locked)
        if files.authority:
            context.load_verify_locations(files.authority)
    except OSError as error:  # those of ssl too
        cause = getattr(error, "strerror", None) or getattr(error, "reason", None) or "no PEM file"
        raise TlsFilesError(files, f"can't be used for TLS: {cause}") from error
