"""The scripts of deploy/, run in environments of their own: twice, from an older version, and back to nothing.

SageMaker, EMR and Docker are not here. What their scripts do to a Python environment is: with SparkMagic beside it,
and a wheel of this project. ``docker`` and ``aws`` are stand-ins that run the command here, and copy from a folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from livyguard.startup_file import NAME, source, with_options

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
GUIDE = ROOT / "notebooks" / "guides" / "operators-first-hour.ipynb"
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))
OLD = "0.0.1"
POLICY = 'version = 1\n[defaults]\nlimits."executors.max" = { max = 4 }\n'

#: What the stand-ins do: `docker exec NAME …` and `docker cp FROM NAME:TO`; `aws s3 cp [--recursive] s3://FROM TO`.
DOCKER = """#!/bin/sh
if [ "$1" = exec ]; then shift 2; exec "$@"; fi
to=${3#*:}
echo "$to" >>"$BUCKET.log"
cp -R "$2" "$to"
"""
AWS = '#!/bin/sh\nfor to; do from=$last last=$to; done\ncp -R "$BUCKET/${from#s3://}" "$to"\n'
#: `sudo` may write to etc/, where its caller may not, and notes what it was asked to do.
SUDO = """#!/bin/sh
[ "$1" = -H ] && shift
echo "${1##*/} $2 $3" >>"$BUCKET.sudo.log"
chmod u+w "$ETC"
"$@"
code=$?
chmod u-w "$ETC"
exit $code
"""
#: What refuses Spark cells where livyguard does not load.
STRICT = with_options(source(), ["STRICT"])
#: `aws` notes its arguments, a line each call, and `aws s3 cp` what is in the bucket then.
NOTING_AWS = r"""#!/bin/sh
printf '%s\t' "$@" >>"$BUCKET.calls"
echo >>"$BUCKET.calls"
if [ "$1 $2" = 's3 cp' ]; then for to; do :; done; echo "$to" >>"$BUCKET.keys"; fi
"""
#: pip tells its index which rustc there is, and rustup's would write to the home.
REBUILT = "# Built once more.\n"
RUSTC = "#!/bin/sh\nexit 1\n"


@dataclass(frozen=True)
class Machine:
    """A Python environment with SparkMagic in it, and the home of whoever installs.

    Attributes:
        folder: all of it.
        python: the environment's.
    """

    folder: Path
    python: Path

    @property
    def files(self):
        """Everything that stands on it, but for what the run itself is told to write: logs."""
        return {str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.suffix != ".log"}

    def run(self, script, *args, **settings):
        """Run a script of deploy/ as the machine's administrator would."""
        surroundings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LIVYGUARD_", "COV", "PIP_"))},
            "HOME": str(self.folder / "home"),
            "PATH": f"{self.folder / 'stand-ins'}:{os.environ['PATH']}",
            "BUCKET": str(self.folder / "bucket"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LIVYGUARD_PYTHON": str(self.python),
            "LIVYGUARD_POLICY_TO": str(self.folder / "etc" / "livyguard"),
            "LIVYGUARD_LOG": str(self.folder / "install.log"),
            **settings,
        }
        command = [DEPLOY / script, *args]
        return subprocess.run(command, env=surroundings, cwd=self.folder, capture_output=True, text=True, check=False)

    def ask(self, *command):
        """Return what a command of the environment prints, and its exit code."""
        surroundings = {**os.environ, "HOME": str(self.folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
        found = [self.python.parent / command[0], *command[1:]]
        done = subprocess.run(found, env=surroundings, cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr, done.returncode

    @property
    def version(self):
        """The installed livyguard's; None without one."""
        found = list(self.python.parent.parent.glob("lib/python*/site-packages/livyguard-*.dist-info"))
        return found[0].name.split("-")[1].removesuffix(".dist") if found else None

    @property
    def site(self):
        """The environment's packages."""
        (site,) = self.python.parent.parent.glob("lib/python*/site-packages")
        return site

    @property
    def startup(self):
        """The start-up file of the environment's kernels."""
        return self.python.parent.parent / "etc" / "ipython" / "startup" / NAME

    @property
    def log(self):
        """What a notebook instance's script has noted."""
        return (self.folder / "install.log").read_text()

    @property
    def policy(self):
        return self.folder / "etc" / "livyguard" / "policy.toml"


def wheelhouse(settings):
    """Run the script that an operator builds wheels with."""
    return subprocess.run(
        [DEPLOY / "wheelhouse.sh"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Return a folder with this project's wheel, built by the script that an operator builds it with."""
    folder = tmp_path_factory.mktemp("wheels")
    settings = {"LIVYGUARD_WHEELS": str(folder), "LIVYGUARD_PYTHON": sys.executable, "LIVYGUARD_PIP": "--no-deps"}
    done = wheelhouse(settings)
    assert done.returncode == 0, done.stderr
    assert re.match(rf"{re.escape(str(folder))}: 1 wheels, for Python 3\.\d+", done.stdout)
    return folder


@pytest.fixture(scope="module")
def older(wheels, tmp_path_factory):
    """Return a folder with the same wheel under an older version's number."""
    (new,) = wheels.glob("*.whl")
    version = new.name.split("-")[1]
    return remade(new, tmp_path_factory.mktemp("older"), version, OLD)


@pytest.fixture(scope="module")
def rebuilt(wheels, tmp_path_factory):
    """Return a folder with a later wheel of the same version."""
    (new,) = wheels.glob("*.whl")
    version = new.name.split("-")[1]
    return remade(new, tmp_path_factory.mktemp("rebuilt"), version, version, REBUILT)


def remade(wheel, folder, version, number, added=""):
    """Write a wheel once more, under a number and with what is added to its module of the version."""
    made = folder / wheel.name.replace(version, number)
    record = f"livyguard-{number}.dist-info/RECORD"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(made, "w") as target:
        lines = []
        for name in source.namelist():
            if name.endswith("/RECORD"):
                continue
            content, renamed = source.read(name), name.replace(f"livyguard-{version}", f"livyguard-{number}")
            if name.endswith(("/METADATA", "livyguard/_version.py")):
                content = content.replace(version.encode(), number.encode())
            if name.endswith("livyguard/_version.py"):
                content += added.encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            lines.append(f"{renamed},sha256={digest},{len(content)}")
            target.writestr(renamed, content)
        target.writestr(record, "\n".join([*lines, f"{record},,"]) + "\n")
    return folder


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Return a folder with everything that is installed here, except livyguard itself."""
    folder = tmp_path_factory.mktemp("packages")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "livyguard" not in each.name.lower() and each.suffix != ".pth":
            (folder / each.name).symlink_to(each)
    return folder


@pytest.fixture
def machine(tmp_path, packages):
    """Return a machine where SparkMagic is installed, and livyguard is not."""
    environment = tmp_path / "envs" / "JupyterSystemEnv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "packages.pth").write_text(f"{packages}\n")
    for folder in ("home", "etc", "bucket", "stand-ins"):
        (tmp_path / folder).mkdir()
    for name, text in (("docker", DOCKER), ("aws", AWS), ("rustc", RUSTC)):
        (tmp_path / "stand-ins" / name).write_text(text)
        (tmp_path / "stand-ins" / name).chmod(0o755)
    (tmp_path / "policy.toml").write_text(POLICY)
    return Machine(tmp_path, environment / "bin" / "python")


@pytest.fixture
def current(wheels):
    (wheel,) = wheels.glob("*.whl")
    return wheel.name.split("-")[1]


def test_a_notebook_instance_gets_guard_and_policy_upgrades_and_gives_everything_back(machine, wheels, older, current):
    found = {"LIVYGUARD_PYTHON": "", "LIVYGUARD_ENVS": str(machine.folder / "envs")}
    policy = {"LIVYGUARD_POLICY_FILE": str(machine.folder / "policy.toml")}
    before = machine.files

    first = machine.run("sagemaker/on-start.sh", LIVYGUARD_WHEELS=str(older), **found, **policy)

    assert first.returncode == 0, first.stderr
    assert machine.version == OLD
    assert machine.policy.read_text() == POLICY
    shown, code = machine.ask("livyguard", "enable", "--check")
    assert code == 0, shown
    assert "(strict)" in shown
    assert f"livyguard {OLD} loads in {machine.python.parent.parent}" in shown

    upgraded = machine.run("sagemaker/on-start.sh", LIVYGUARD_WHEELS=str(wheels), **found, **policy)
    once = machine.files
    again = machine.run("sagemaker/on-start.sh", LIVYGUARD_WHEELS=str(wheels), **found, **policy)

    assert (upgraded.returncode, again.returncode) == (0, 0), upgraded.stderr + again.stderr
    assert machine.version == current
    assert machine.files == once
    assert f"Already installed: {machine.policy}" in again.stdout

    gone = machine.run("uninstall.sh")
    assert gone.returncode == 0, gone.stderr
    assert machine.files == before
    assert "nothing to remove" in machine.run("uninstall.sh").stdout


@pytest.mark.parametrize("script", ["sagemaker/on-start.sh", "emr/install-livyguard.sh"])
def test_a_wheel_that_was_built_anew_under_the_same_number_takes_the_others_place(machine, wheels, rebuilt, script):
    settings = {"LIVYGUARD_DOCKER": "docker", "LIVYGUARD_REQUIRED": "1"}

    done = [machine.run(script, LIVYGUARD_WHEELS=str(folder), **settings) for folder in (wheels, rebuilt)]

    assert [each.returncode for each in done] == [0, 0], done[1].stderr
    assert (machine.site / "livyguard" / "_version.py").read_text().endswith(REBUILT)


def test_nothing_of_an_environment_runs_as_root_and_a_policy_keeps_the_one_before(machine, wheels):
    """Whoever works in an environment could otherwise become root at the next start."""
    ran = machine.folder / "ran.log"
    python = machine.python
    python.rename(python.with_name("python-itself"))
    python.write_text(f'#!/bin/bash\necho "$AS" >>"{ran}"\nexec -a "$0" "${{0%/*}}/python-itself" "$@"\n')
    python.chmod(0o755)
    stand_ins = {"id": "echo root-of-the-machine", "runuser": 'AS=$2; export AS; shift 3; exec "$@"'}
    for name, text in stand_ins.items():
        (machine.folder / "stand-ins" / name).write_text(f"#!/bin/sh\n{text}\n")
        (machine.folder / "stand-ins" / name).chmod(0o755)
    machine.policy.parent.mkdir()
    machine.policy.write_text(POLICY.replace("max = 4", "max = 9"))
    machine.policy.chmod(0o600)
    settings = {"LIVYGUARD_WHEELS": str(wheels), "LIVYGUARD_POLICY_FILE": str(machine.folder / "policy.toml")}
    found = {"LIVYGUARD_PYTHON": "", "LIVYGUARD_ENVS": str(machine.folder / "envs")}

    done = machine.run("sagemaker/on-start.sh", **settings, **found)

    assert done.returncode == 0, done.stderr
    assert set(ran.read_text().splitlines()) == {python.owner()}
    assert len(ran.read_text().splitlines()) >= 5  # found, asked its version, pip, judged the policy, enabled
    assert f"Installed: {machine.policy}" in machine.log
    assert "executors.max" in machine.log
    assert machine.policy.read_text() == POLICY
    assert machine.policy.stat().st_mode & 0o777 == 0o644
    assert "max = 9" in machine.policy.with_name("policy.toml.bak").read_text()


def with_guard(machine, text=STRICT):
    """Put the start-up file in its place, as `livyguard enable --sys-prefix --strict` does."""
    machine.startup.parent.mkdir(parents=True)
    machine.startup.write_text(text)


def test_a_strict_start_up_file_goes_where_the_package_has_gone_before(machine):
    before = machine.files
    with_guard(machine)

    done = machine.run("uninstall.sh")

    assert (done.returncode, done.stdout) == (0, f"Disabled: {machine.startup}\n"), done.stderr
    assert machine.files == before


def test_livyguard_goes_where_it_cannot_start_and_its_command_is_not_beside_python(machine, wheels):
    """As after `pip uninstall click`, and as on Debian, whose commands are not where python3 is."""
    (machine.site / "click.py").write_text("raise ImportError")
    before = machine.files
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(machine.site)
    with_guard(machine)

    done = machine.run("uninstall.sh")

    assert done.returncode == 0, done.stderr
    assert f"Removed: livyguard, from {machine.python.parent.parent}\n" in done.stdout
    assert machine.files == before


@pytest.mark.parametrize("python", ["/nowhere/python", "python9", "false"])
def test_a_python_that_is_none_is_told_and_nothing_is_removed(machine, python):
    with_guard(machine)

    done = machine.run("uninstall.sh", LIVYGUARD_PYTHON=python)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{python} is no Python here" in done.stderr
    assert machine.startup.exists()


def test_somebody_elses_start_up_file_stays(machine):
    with_guard(machine, "import numpy\n")

    done = machine.run("uninstall.sh")

    assert done.returncode == 0
    assert f"{machine.startup} is not livyguard's; it stays" in done.stdout
    assert machine.startup.exists()


@pytest.mark.parametrize(
    ("script", "code"), [("sagemaker/on-start.sh", 0), ("sagemaker/on-start.sh", 1), ("emr/install-livyguard.sh", 2)]
)
def test_no_index_is_asked_for_livyguard_unless_somebody_says_so(machine, script, code):
    """There is no release on an index; whoever took the name there would be installed."""
    before = machine.files

    done = machine.run(script, LIVYGUARD_REQUIRED=str(code), LIVYGUARD_DOCKER="docker")

    assert done.returncode == code
    assert "Say where livyguard's wheel is: LIVYGUARD_WHEELS, or LIVYGUARD_REQUIREMENT." in done.stderr
    assert machine.files == before


def test_the_image_takes_livyguard_from_the_wheel_beside_it():
    text = (DEPLOY / "jupyterhub" / "Dockerfile").read_text()
    asked = [shlex.split(line)[-1] for line in text.splitlines() if re.match(r"RUN .*pip (wheel|install) ", line)]

    assert asked == ["$(echo /wheels/livyguard-*.whl)${LIVYGUARD_EXTRAS}"] * 2


def test_what_fails_on_a_notebook_instance_is_told_and_keeps_it_from_starting_only_if_that_is_wanted(machine, tmp_path):
    nowhere = {"LIVYGUARD_PYTHON": "", "LIVYGUARD_ENVS": str(tmp_path / "etc"), "LIVYGUARD_WHEELS": str(tmp_path)}

    told = machine.run("sagemaker/on-start.sh", **nowhere)
    wanted = machine.run("sagemaker/on-start.sh", **nowhere, LIVYGUARD_REQUIRED="1")

    assert (told.returncode, wanted.returncode) == (0, 1)
    assert "No environment in" in told.stderr
    assert "name its Python in LIVYGUARD_PYTHON" in told.stderr


@pytest.mark.parametrize(("required", "code"), [({}, 0), ({"LIVYGUARD_REQUIRED": "1"}, 1)])
def test_a_start_does_not_wait_longer_than_it_may_and_the_rest_goes_on(machine, required, code):
    held = machine.folder / "held"
    os.mkfifo(held)
    slow = machine.folder / "stand-ins" / "aws"
    slow.write_text(f'#!/bin/sh\ncat "{held}" >/dev/null\nfor to; do :; done\nmkdir -p "$to"\n')

    done = machine.run("sagemaker/on-start.sh", LIVYGUARD_WHEELS="s3://bucket/wheels/", LIVYGUARD_WAIT="1", **required)

    assert done.returncode == code
    assert "still being installed" in done.stdout
    with held.open("w"):  # what it waited for; the job goes on and ends, since the folder is empty
        pass
    log = machine.folder / "install.log"
    assert until(lambda: "No matching distribution" in log.read_text()), log.read_text()


@pytest.mark.parametrize("script", ["sagemaker/on-start.sh", "emr/install-livyguard.sh"])
def test_kernels_are_not_guarded_without_the_policy_that_was_named(machine, wheels, script):
    """A strict guard without a policy looks like one, and limits nobody."""
    slip = machine.folder / "slip.toml"
    slip.write_text(POLICY.replace("max = 4", "max = 4, default = 20"))
    settings = {"LIVYGUARD_WHEELS": str(wheels), "LIVYGUARD_DOCKER": "docker", "LIVYGUARD_REQUIRED": "1"}

    done = machine.run(script, LIVYGUARD_POLICY_FILE=str(slip), **settings)

    assert done.returncode == 1
    assert "LG801" in done.stderr
    assert "Enabled" not in done.stdout + done.stderr
    assert not machine.startup.exists()
    assert not machine.policy.exists()


@pytest.mark.parametrize("script", ["sagemaker/on-start.sh", "emr/install-livyguard.sh"])
def test_a_policy_that_cannot_be_fetched_leaves_everything_as_it_was(machine, wheels, script):
    settings = {"LIVYGUARD_WHEELS": str(wheels), "LIVYGUARD_DOCKER": "docker", "LIVYGUARD_REQUIRED": "1"}
    before = machine.files

    done = machine.run(script, LIVYGUARD_POLICY_FILE="s3://team/policy.toml", **settings)

    assert done.returncode == 1
    assert "team/policy.toml" in done.stderr
    assert machine.files == before


def until(is_so):
    """Wait for what another process does; the test's own time-out ends it."""
    with subprocess.Popen(["sleep", "60"]) as patience:
        while not is_so() and patience.poll() is None:
            pass
        patience.kill()
    return is_so()


def test_a_step_installs_in_the_container_from_a_bucket(machine, wheels, current):
    bucket = machine.folder / "bucket" / "team"
    bucket.mkdir()
    (bucket / "wheels").symlink_to(wheels)
    (bucket / "policy.toml").write_text(POLICY)
    settings = (
        "LIVYGUARD_WHEELS=s3://team/wheels",
        "LIVYGUARD_POLICY_FILE=s3://team/policy.toml",
        "LIVYGUARD_DOCKER=docker",
        "LIVYGUARD_ENABLE=--kernels",
    )

    first = machine.run("emr/install-livyguard.sh", *settings)
    once = machine.files
    again = machine.run("emr/install-livyguard.sh", *settings)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert machine.version == current
    assert machine.policy.read_text() == POLICY
    assert "(kernels only)" in first.stdout
    assert "Already installed" in again.stdout
    assert machine.files == once
    inside = [Path(line) for line in (machine.folder / "bucket.log").read_text().splitlines()]
    assert [folder.exists() for folder in inside] == [False, False]


@pytest.mark.parametrize("owned", [True, False], ids=["environment of the user's", "environment of somebody else's"])
def test_a_step_without_a_container_takes_sudo_for_what_is_not_its_users(machine, wheels, current, owned):
    prefix, etc = machine.python.parent.parent, machine.folder / "etc"
    if not os.geteuid():  # root of this machine is to be nobody special
        os.chown(prefix, 4321, -1)
    user = prefix.stat().st_uid + (not owned)
    for name, text in {"sudo": SUDO, "id": f"#!/bin/sh\necho {user}\n"}.items():
        (machine.folder / "stand-ins" / name).write_text(text)
        (machine.folder / "stand-ins" / name).chmod(0o755)
    etc.chmod(0o555)
    settings = {
        "LIVYGUARD_CONTAINER": "",
        "LIVYGUARD_WHEELS": str(wheels),
        "LIVYGUARD_POLICY_FILE": str(machine.folder / "policy.toml"),
        "ETC": str(etc),
    }

    done = machine.run("emr/install-livyguard.sh", **settings)

    assert done.returncode == 0, done.stderr
    assert machine.version == current
    asked = (machine.folder / "bucket.sudo.log").read_text().splitlines()
    policy, package, guard = "livyguard policy install", "python -m pip", "livyguard enable --sys-prefix"
    assert asked == ([policy] if owned else [package, package, policy, guard])
    assert machine.policy.read_text() == POLICY
    assert machine.startup.exists()


def test_a_node_that_is_not_the_primary_one_is_left_alone_and_a_slip_in_a_setting_is_told(machine):
    other = machine.folder / "instance.json"
    other.write_text('{"instanceGroupId": "ig-1", "isMaster": false}')
    before = machine.files

    left = machine.run("emr/install-livyguard.sh", LIVYGUARD_INSTANCE=str(other))
    slip = machine.run("emr/install-livyguard.sh", "WHEELS=s3://team/wheels/")

    assert (left.returncode, left.stdout) == (0, "Not the primary node: nothing to do.\n")
    assert slip.returncode == 2
    assert "WHEELS=s3://team/wheels/ is no setting" in slip.stderr
    assert machine.files == before


def test_the_commands_of_the_image_guard_its_kernels(machine, wheels, current):
    """Runs the Dockerfile's RUN lines in order, but for apt's, as the shell of the image would."""
    text = re.sub(r"\\\n", "", (DEPLOY / "jupyterhub" / "Dockerfile").read_text())
    lines = re.findall(r"^RUN (?:--mount=\S+ )?(.*)$", text, flags=re.MULTILINE)
    commands = [line for line in lines if not line.startswith("apt-get ")]
    # The image's own; the one of the tests' environment would install into that.
    jupyter = machine.python.parent / "jupyter"
    jupyter.write_text(
        f'#!/bin/sh\n[ "$1" = kernelspec ] && shift && exec {machine.python} -m jupyter_client.kernelspecapp "$@"\n'
    )
    jupyter.chmod(0o755)
    own = Path(sys.prefix) / "share" / "jupyter" / "kernels"
    before = sorted(own.iterdir())
    to = str(machine.folder / "etc" / "livyguard")
    (machine.folder / "root").mkdir()
    places = {"/wheels": wheels, "/tmp": machine.folder, "/root": machine.folder / "root"}  # noqa: S108 - as the Dockerfile has it
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LIVYGUARD_", "COV"))},
        "HOME": str(machine.folder / "home"),
        "PATH": f"{machine.python.parent}:{machine.folder / 'stand-ins'}:{os.environ['PATH']}",
        "LIVYGUARD_EXTRAS": "",
        "LIVYGUARD_POLICY_TO": to,
    }
    script = "\n".join(command for command in commands if "pip wheel" not in command)
    here = re.sub(r"(?<=\s)/wheels|/tmp(?=/policy)|(?<=HOME=)/root", lambda found: str(places[found[0]]), script)

    done = subprocess.run(["sh", "-euc", here], env=surroundings, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (machine.python.parents[1] / "share" / "jupyter" / "kernels" / "pysparkkernel").is_dir()
    assert sorted(own.iterdir()) == before
    assert list((machine.folder / "home").iterdir()) == []  # the user's, in which root would leave what is root's
    assert len(lines) - len(commands) == 2
    assert len(commands) == 5
    assert machine.version == current
    assert machine.policy.read_text() == POLICY
    assert "(strict)" in machine.ask("livyguard", "enable", "--check")[0]


def test_a_kernel_of_the_image_finds_livy_where_its_home_is_an_empty_volume(machine):
    text = (DEPLOY / "jupyterhub" / "Dockerfile").read_text()
    (target,) = re.findall(r"^COPY config\.json (\S+)$", text, flags=re.MULTILINE)
    environment = dict(re.findall(r"^ENV (\w+)=(\S+)$", text, flags=re.MULTILINE))
    config = machine.folder / "etc" / "config.json"
    config.write_text('{"kernel_python_credentials": {"url": "http://livy.example.com:8998", "auth": "None"}}')
    inside = {name: value.replace(target, str(config)) for name, value in environment.items()}
    code = """if True:
        import sparkmagic.utils.configuration as c
        from sparkmagic.utils.sparklogger import SparkLog
        SparkLog("a kernel").info("writes its log")
        print(c.kernel_python_credentials()["url"])
    """
    here = {name: value for name, value in os.environ.items() if not name.startswith("SPARKMAGIC_")}
    surroundings = {**here, "HOME": str(machine.folder / "home"), "PYTHONDONTWRITEBYTECODE": "1", **inside}

    done = subprocess.run([machine.python, "-c", code], env=surroundings, capture_output=True, text=True, check=False)

    assert not target.startswith("/home/")
    assert done.stdout == "http://livy.example.com:8998\n", done.stderr
    assert [each.name for each in config.parent.iterdir()] == ["config.json"]
    assert list((machine.folder / "home" / ".sparkmagic" / "logs").iterdir())


def commands_of_the_guide():
    """Return the operators' guide's blocks of shell commands."""
    cells = json.loads(GUIDE.read_text())["cells"]
    text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", commands_of_the_guide(), ids=lambda block: " ".join(block.split()[:3]))
def test_bash_reads_the_guides_commands_and_none_asks_an_index_for_livyguard(block):
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in block.splitlines() if re.search(r"pip install (?!.*--no-index).* livyguard$", line)] == []


def test_the_guide_names_settings_that_there_are_and_says_what_was_never_tried():
    text = GUIDE.read_text()
    there = {name for script in SCRIPTS for name in re.findall(r"\$\{(LIVYGUARD_\w+):?=", script.read_text())}
    (route,) = [block for block in commands_of_the_guide() if "LIVYGUARD_CONTAINER=" in block]

    assert {name for name in re.findall(r"LIVYGUARD_\w+", text) if name != "LIVYGUARD_POLICY"} <= there
    assert "EMR: not known to work on any release." in text
    assert re.search(
        r"LIVYGUARD_CONTAINER= LIVYGUARD_PYTHON=~/notebooks/bin/python .*install-livyguard\.sh", route, re.DOTALL
    )


@pytest.fixture
def told_aws(machine):
    """Run the guide's blocks that hold a text; return what `aws` was asked to do, and the keys of the bucket."""
    (machine.folder / "stand-ins" / "aws").write_text(NOTING_AWS)

    def run(part):
        (block,) = [each for each in commands_of_the_guide() if part in each]
        path = f"{machine.folder / 'stand-ins'}:{os.environ['PATH']}"
        surroundings = {**os.environ, "PATH": path, "BUCKET": str(machine.folder / "bucket")}
        subprocess.run(["bash", "-euc", block], env=surroundings, cwd=ROOT, check=True)
        calls = (machine.folder / "bucket.calls").read_text().splitlines()
        return [call.split("\t")[:-1] for call in calls], (machine.folder / "bucket.keys").read_text().splitlines()

    return run


def test_the_guide_gives_an_instance_that_stands_still_the_whole_script(told_aws):
    calls, keys = told_aws("create-notebook-instance-lifecycle-config")

    names = ["create-notebook-instance-lifecycle-config", "stop-notebook-instance", "wait", "update-notebook-instance"]
    assert [call[1] for call in calls if call[0] == "sagemaker"] == [*names, "wait", "start-notebook-instance"]
    (content,) = [word.removeprefix("Content=") for call in calls for word in call if word.startswith("Content=")]
    assert base64.b64decode(content, validate=True) == (DEPLOY / "sagemaker" / "on-start.sh").read_bytes()
    assert keys == ["s3://BUCKET/wheels/", "s3://BUCKET/policy.toml"]


def test_the_guides_step_finds_in_the_bucket_what_it_names(told_aws):
    calls, keys = told_aws("add-steps")

    (step,) = [call for call in calls if call[1] == "add-steps"]
    named = re.findall(r"s3://BUCKET/[\w./-]*", step[-1])
    assert len(named) == 3
    assert set(named) == set(keys)


def test_what_the_image_copies_is_named_beside_it():
    text = (DEPLOY / "jupyterhub" / "Dockerfile").read_text()
    copied = [shlex.split(line)[1] for line in text.splitlines() if line.startswith("COPY ")]

    assert copied == ["wheels/livyguard-*.whl", "config.json", "policy.toml"]
    assert all(source.split("/")[0] in text.split("ARG BASE")[0] for source in copied)


def test_the_script_for_a_lifecycle_configuration_is_as_short_as_sagemaker_takes_it():
    assert len(base64.b64encode((DEPLOY / "sagemaker" / "on-start.sh").read_bytes())) < 16384


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_a_script_stops_at_the_first_failure_and_every_setting_has_a_default(script):
    text = script.read_text()
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    defaults = set(re.findall(r"^: \"\$\{(LIVYGUARD_\w+):?=", code, flags=re.MULTILINE))

    assert os.access(script, os.X_OK)
    assert re.search(r"^set -eu", code, flags=re.MULTILINE)
    assert set(re.findall(r"\$\{?(LIVYGUARD_\w+)", code)) == defaults


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_wheelhouse_installs_everything_without_an_index(tmp_path):
    wheels, environment = tmp_path / "wheels", tmp_path / "environment"
    settings = {"LIVYGUARD_WHEELS": str(wheels), "LIVYGUARD_PYTHON": sys.executable}
    made = wheelhouse(settings)
    assert made.returncode == 0, made.stderr
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"

    pip = [python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels, "livyguard"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert {"gssapi", "krb5", "sparkmagic"} <= {each.name.split("-")[0] for each in wheels.iterdir()}
    subprocess.run([python, "-c", "import sparkmagic, livyguard.magics.extension"], check=True)
