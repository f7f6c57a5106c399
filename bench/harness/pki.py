# SPDX-License-Identifier: Apache-2.0
"""A root, a server and sixteen clients, all ECDSA P-256, made by openssl; laid out for every server measured."""

import shutil
import subprocess
import time
from pathlib import Path

CLIENTS = 16
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,URI:spiffe://demo.local/server/echo"


def make(directory: Path, store: Path) -> None:
    """Makes DIRECTORY (ca, server, clients/N, attacker, crl.pem) and the same server credential as a product store in STORE."""
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "clients").mkdir(parents=True)
    root(directory)
    leaf(directory, "server", "/CN=echo", NAMES, "serverAuth")
    leaf(directory, "attacker", "/CN=attacker", "subjectAltName=URI:spiffe://demo.local/agent/attacker", "clientAuth")
    for n in range(CLIENTS):
        leaf(directory, f"clients/{n}", f"/CN=client {n}", f"subjectAltName=URI:spiffe://demo.local/agent/client-{n}", "clientAuth")
    openssl(directory, "pkcs12", "-export", "-inkey", "server.key", "-in", "server.crt", "-out", "server.p12", "-passout", "pass:benchmark")
    revocation_list(directory)
    shutil.rmtree(store, ignore_errors=True)
    install(directory, store)
    shutil.copy(directory / "crl.pem", store / "crl.pem")


def openssl(directory: Path, *arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: openssl {arguments[0]} failed: {done.stderr.strip()}")


def root(directory: Path) -> None:
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256", "-days", "30",
            "-subj", "/CN=bench root", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", "ca.key", "-out", "ca.crt")


def leaf(directory: Path, name: str, subject: str, alternative_names: str, purpose: str) -> None:
    openssl(directory, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", f"{name}.key", "-out", "leaf.csr")
    extensions = directory / "leaf.ext"
    extensions.write_text(f"{alternative_names}\nextendedKeyUsage={purpose}\nkeyUsage=critical,digitalSignature\n"
                          "basicConstraints=critical,CA:FALSE\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
    openssl(directory, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-sha256", "-extfile", "leaf.ext", "-out", f"{name}.crt")


def revocation_list(directory: Path) -> None:
    (directory / "index.txt").touch()
    (directory / "crlnumber").write_text("01\n")
    (directory / "crl.cnf").write_text("[ca]\ndefault_ca=bench\n[bench]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"
                                       "default_crl_days=30\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid\n")
    openssl(directory, "ca", "-gencrl", "-config", "crl.cnf", "-keyfile", "ca.key", "-cert", "ca.crt", "-out", "crl.pem")


def install(directory: Path, store: Path) -> None:
    """The server's credential as the product's store has it, replaced as operators do: a new directory, then one rename of the link to it."""
    credentials = store / "credentials"
    credentials.mkdir(parents=True, exist_ok=True)
    fresh = credentials / f".echo-{time.monotonic_ns()}"
    fresh.mkdir()
    for source, name in (("server.crt", "tls.crt"), ("server.key", "tls.key"), ("ca.crt", "ca.crt")):
        shutil.copy(directory / source, fresh / name)
    (fresh / "tls.key").chmod(0o600)
    link = credentials / ".echo-next"
    link.symlink_to(fresh.name)
    link.replace(credentials / "echo")
