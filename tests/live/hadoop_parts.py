"""Hadoop's jars, and what every daemon of it is started with."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest

from livyguard.sandbox.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JAVA_OPTIONS", "PARTS", "free_ports", "hadoop_jars", "write_site"]

PARTS = Path(__file__).parent / "hadoop"
CACHE = Path(__file__).parents[2] / ".cache" / "yarn"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
NOT_TO_BE_HAD = re.compile(r"Could not transfer artifact|Cannot access \S+ .*in offline mode|Unknown host")

JAVA_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in ("lang", "util", "net", "io")),
)


def hadoop_jars(name: str = "pom.xml") -> Path:
    """Return the folder of a POM's jars, brought by Maven once for each state of it; skip without Maven."""
    pom = PARTS / name
    jars = CACHE / hashlib.sha256(pom.read_bytes()).hexdigest()[:12]
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        pytest.skip("no Maven")
    fresh = CACHE / f"{jars.name}.{secrets.token_hex(4)}"
    words = [maven, "-q", "-B", "-f", str(pom), COPY, "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        if NOT_TO_BE_HAD.search(ran.stdout):
            pytest.skip("no Maven artifacts: they could not be downloaded")
        pytest.fail(f"Maven could not bring Hadoop:\n{ran.stdout}{ran.stderr}")
    try:
        fresh.rename(jars)
    except OSError:  # somebody else was quicker
        shutil.rmtree(fresh)
    return jars


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens on."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


def write_site(path: Path, settings: Mapping[str, Any]) -> None:
    """Write a file in Hadoop's XML."""
    properties = "\n".join(
        f"  <property><name>{escape(name)}</name><value>{escape(str(value))}</value></property>"
        for name, value in settings.items()
    )
    path.write_text(f'<?xml version="1.0"?>\n<configuration>\n{properties}\n</configuration>\n')
