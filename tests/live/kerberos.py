"""A Kerberos realm for tests: a real MIT KDC on loopback, all of it in one folder, no setting of the machine used."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from k5test.realm import MITRealm
from requests_kerberos import HTTPKerberosAuth

from livyguard.sandbox.keeper import Kept
from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.ports import free_port
from tests.live.people import LONG_STARTS
from tests.live.yarn import YarnOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Realm", "missing"]

#: Where scripts/kerberos.sh unpacks what a machine lacks.
UNPACKED = Path(__file__).parents[2] / ".cache" / "kerberos"
SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", str(UNPACKED / "bin")])
TOOLS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "klist", "kdestroy")
SERVICES = ("HTTP/localhost", "livy/localhost")
USERS = ("alice", "bob")
PATIENCE = 30
#: A command of the realm takes some hundredths of a second; a KDC that does not answer is asked again for long.
COMMAND = 60


def missing() -> str | None:
    """Return why there can be no realm here, as tests skip with it; None where there can."""
    lacking = [tool for tool in TOOLS if shutil.which(tool, path=SEARCH) is None]
    what = f"{' and '.join(lacking)} not found"
    return f"no Kerberos KDC: {what}; apt-get install krb5-kdc krb5-admin-server krb5-user" if lacking else None


class _Mit(MITRealm):
    """k5test's realm with its KDC on a lifeline: it ends with the test process, however that ends."""

    hostname = "localhost"
    kdc: Kept | None = None

    def _make_env(self, krb5_conf_path: str, kdc_conf_path: str) -> dict[str, str]:
        libraries = os.pathsep.join(filter(None, [str(UNPACKED / "lib"), os.environ.get("LD_LIBRARY_PATH")]))
        own = {"PATH": SEARCH, "LD_LIBRARY_PATH": libraries, "LC_ALL": "C"}
        return {**super()._make_env(krb5_conf_path, kdc_conf_path), **own}

    def start_kdc(self, args: Any = None, env: Any = None) -> None:
        log = Path(self.tmpdir) / "krb5kdc.log"
        self.kdc = Kept([self.krb5kdc, "-n", *(args or [])], log=log, env={**os.environ, **(env or self.env)}).start()
        end = time.monotonic() + PATIENCE
        while not _listens(self.portbase):
            assert self.kdc.poll() is None, f"the KDC ended: {log.read_text()}"
            assert time.monotonic() < end, f"the KDC does not listen: {log.read_text()}"
            time.sleep(0.02)

    def stop_kdc(self) -> None:
        if self.kdc is not None:
            self.kdc.stop()


class Realm:
    """A realm with a service, its users and their tickets, between ``with`` and its end.

    Args:
        folder: holds all of it: configuration, database, keytab, tickets, logs.

    Attributes:
        config: the realm's krb5.conf; for a JVM, ``-Djava.security.krb5.conf``.
        keytab: of HTTP/localhost and livy/localhost.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keytab = folder / "services.keytab"
        self._realm: _Mit

    def __enter__(self) -> Realm:  # noqa: PYI034 - typing.Self is not in Python 3.10
        self.folder.mkdir(parents=True, exist_ok=True)
        here = f"127.0.0.1:{free_port(udp=True)}"
        port = int(here.rpartition(":")[2])
        loopback = {"kdc_listen": here, "kdc_tcp_listen": here, "kdc_ports": None, "kdc_tcp_ports": None}
        modules = {"db_module_dir": str(UNPACKED / "lib" / "kdb")} if (UNPACKED / "lib" / "kdb").exists() else {}
        with patch("tempfile.tempdir", str(self.folder)):
            self._realm = _Mit(
                portbase=port,
                krb5_conf={
                    "libdefaults": {"dns_canonicalize_hostname": "false", "rdns": "false"},
                    "realms": {"$realm": {"kdc": here, "admin_server": None, "kpasswd_server": None}},
                },
                kdc_conf={"realms": {"$realm": loopback}, "dbmodules": modules},
                create_user=False,
                create_host=False,
                get_creds=False,
                start_kdc=False,
                **{tool: str(shutil.which(tool, path=SEARCH)) for tool in TOOLS},
            )
        self.config = Path(self._realm.env["KRB5_CONFIG"])
        try:
            for service in SERVICES:
                self._realm.addprinc(service)
                self._realm.extract_keytab(service, str(self.keytab))
            for user in USERS:
                self._realm.addprinc(user, self._realm.password(user))
            self._realm.start_kdc()
        except BaseException:
            self._realm.stop_kdc()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._realm.stop_kdc()

    @property
    def name(self) -> str:
        return str(self._realm.realm)

    @property
    def pid(self) -> int:
        """The KDC's process."""
        return self._realm.kdc.pid if self._realm.kdc is not None else 0

    def livy(self) -> LivyOptions:
        """Return how a Livy runs that lets in whoever has a ticket of this realm."""
        return LivyOptions(
            access_control=True,
            environment={"KRB5_CONFIG": str(self.config), "PATH": SEARCH},
            java_options=(f"-Djava.security.krb5.conf={self.config}",),
            conf={
                **LONG_STARTS,
                "livy.server.auth.type": "kerberos",
                "livy.server.auth.kerberos.principal": f"HTTP/localhost@{self.name}",
                "livy.server.auth.kerberos.keytab": str(self.keytab),
                "livy.server.auth.kerberos.name-rules": "DEFAULT",
                "livy.server.launch.kerberos.principal": f"livy/localhost@{self.name}",
                "livy.server.launch.kerberos.keytab": str(self.keytab),
            },
        )

    def yarn(self) -> YarnOptions:
        """Return how a ResourceManager runs whose pages let in whoever has a ticket of this realm."""
        secret = self.folder / "signature.secret"
        secret.write_text("what cookies are signed with")
        self.service_ticket()
        http = "hadoop.http.authentication"
        return YarnOptions(
            host="localhost",  # the name in the service's principal
            memory_mb=2048,
            core_site={
                "hadoop.http.filter.initializers": "org.apache.hadoop.security.AuthenticationFilterInitializer",
                f"{http}.type": "kerberos",
                f"{http}.kerberos.principal": f"HTTP/localhost@{self.name}",
                f"{http}.kerberos.keytab": self.keytab,
                f"{http}.signature.secret.file": secret,
            },
            java_options=(f"-Djava.security.krb5.conf={self.config}",),
            login=self._as_service,
        )

    @contextmanager
    def _as_service(self) -> Iterator[HTTPKerberosAuth]:
        """Let the tests' own requests log in as the service's principal, whoever the test is about."""
        with patch.dict(os.environ, self.environment("livy")):
            yield HTTPKerberosAuth(force_preemptive=True)

    def environment(self, user: str) -> dict[str, str]:
        """Return what a process of a user needs to find the realm and the user's tickets, whether there are any."""
        return {"KRB5_CONFIG": str(self.config), "KRB5CCNAME": f"FILE:{self.folder / user}.tickets"}

    def ticket(self, user: str, lifetime: str = "1h") -> dict[str, str]:
        """Log a user in, ``kinit``; return the environment.

        Args:
            user: one of ``USERS``.
            lifetime: as kinit takes it, ``2s``.
        """
        self._tool(user, "kinit", "-l", lifetime, user, given=f"{self._realm.password(user)}\n")
        return self.environment(user)

    def expired(self, user: str) -> dict[str, str]:
        """Log a user in and wait until that has run out; return the environment."""
        self.ticket(user, lifetime="1s")
        end = time.monotonic() + PATIENCE
        while self.is_logged_in(user):
            assert time.monotonic() < end, "the ticket does not end"
            time.sleep(0.05)
        return self.environment(user)

    def service_ticket(self) -> dict[str, str]:
        """Log Livy's own principal in by its keytab; return the environment: for a look that is no user's."""
        self._tool("livy", "kinit", "-k", "-t", str(self.keytab), "livy/localhost")
        return self.environment("livy")

    def destroy(self, user: str) -> dict[str, str]:
        """Log a user out, ``kdestroy``; return the environment."""
        self._tool(user, "kdestroy", "-q")
        return self.environment(user)

    def is_logged_in(self, user: str) -> bool:
        """Tell whether a user has a ticket that is still good."""
        return self._tool(user, "klist", "-s", check=False).returncode == 0

    def welcome(self, user: str) -> str:
        """Let one more user into the realm, and return the password."""
        password = str(self._realm.password(user))
        self._realm.addprinc(user, password)
        return password

    def shell(self, user: str, line: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command line as a user pastes it into a terminal.

        Args:
            user: whose tickets it finds, or gets.
            line: the command.
            given: what is typed in.
        """
        return self._ran(user, "bash", "-c", line, given=given)

    def _tool(self, user: str, *command: str, given: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        tool = shutil.which(command[0], path=SEARCH)
        done = self._ran(user, str(tool), *command[1:], given=given)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
        return done

    def _ran(self, user: str, *command: str, given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env={**self._realm.env, **self.environment(user)},
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND,
            check=False,
        )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
