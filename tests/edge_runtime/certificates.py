"""Certificates for the tests of what is encrypted, each its own authority."""

import subprocess


def make_certificate(folder, name, *, of="IP:127.0.0.1", locked=False):
    """Make ``name``.pem and ``name``.key.

    Args:
        folder: Where they stand.
        name: Its common name too.
        of: The names and addresses that it is of.
        locked: Whether the key needs a passphrase.
    """
    key = ["-passout", "pass:secret"] if locked else ["-nodes"]
    line = (
        f"req -x509 -newkey rsa:2048 -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name} "
        f"-addext subjectAltName={of}"
    )
    subprocess.run(
        ["/usr/bin/openssl", *line.split(), *key], cwd=folder, check=True, capture_output=True
    )
