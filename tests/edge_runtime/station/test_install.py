"""One command makes a station of a computer; again it makes a newer one, and takes it away."""

import configparser
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

INSTALL = ROOT / "edge_runtime" / "station" / "install"
USER, HOME = "games", "usr/games"  # a user whom every Debian has
SHELL = "/bin/sh"
UNIT = "etc/systemd/system/fundus-edge-station.service"
ENTRY = f"{HOME}/.config/autostart/fundus-edge-station.desktop"


def tool(name, package):
    """Find a tool of Debian; CI has it, and where it isn't that is said."""
    found = shutil.which(name)
    if not found and os.environ.get("FUNDUS_EDGE_BROWSER") != "required":
        pytest.skip(f"no {name}: apt install {package}")
    assert found, f"{name} isn't there: apt install {package}"
    return found


#: A Python whose virtual environments are there at once, and whose pip does as PIP_STATUS says.
QUICK = f"""#!{SHELL}
case "$*" in "-m venv"*) for folder; do :; done ;; *) exec {sys.executable} "$@" ;; esac
mkdir -p "$folder/bin"
for name in python fundus-edge; do
  printf '#!{SHELL}\\necho "$*"\\nexit %s\\n' "${{PIP_STATUS:-0}}" > "$folder/bin/$name"
  chmod +x "$folder/bin/$name"
done
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """A folder to carry, as pack.sh makes it, whose only wheel is this project's own."""
    folder = tmp_path_factory.mktemp("carried here")
    (folder / "wheels").mkdir()
    build = ["-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheels"]
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True)
    for name in ("install.sh", "kiosk.sh", "kiosk.desktop", "fundus-edge-station.service"):
        shutil.copy(INSTALL / name, folder)
    (folder / "constraints.txt").write_text("")
    shutil.copy(ROOT / "docs" / "station.md", folder)
    listing = "find . -type f ! -name SHA256SUMS -exec sha256sum {} + > SHA256SUMS"
    subprocess.run([SHELL, "-c", listing], cwd=folder, check=True)
    return folder


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Let an installation take no time, as its program is none."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(QUICK)
    (tmp_path / "bin" / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def installed(carried, root, *options, user=USER, unshare="true"):
    """Run the installation below a folder; what the program needs is that of this Python.

    ``unshare`` is the command that tells whether the kernel lets a service have its own users.
    """
    script, tools = carried / "install.sh", root.parent / f"tools of {root.name}"
    tools.mkdir(exist_ok=True)
    (tools / "unshare").write_text(f"#!{SHELL}\n{unshare}\n")
    (tools / "unshare").chmod(0o755)
    place = os.environ | {"PIP_NO_DEPS": "1", "PIP_IGNORE_INSTALLED": "1", "SUDO_USER": user,
                          "PYTHONPATH": sysconfig.get_path("purelib"),
                          "PATH": f"{tools}:{os.environ['PATH']}"}  # fmt: skip
    return subprocess.run(
        [SHELL, script, "--root", root, *options], cwd=root, env=place, check=False,
        capture_output=True, text=True,
    )  # fmt: skip


def settings(root):
    """Read a unit's sections, each key with all its values."""
    found = {}
    for line in (root / UNIT).read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture(scope="module")
def root(carried, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    result = installed(carried, root)
    assert result.returncode == 0, result.stderr
    assert "asks" not in result.stdout
    return root


def test_one_command_makes_folders_a_service_and_a_page_at_login(root):
    assert (root / HOME / "camp/inbox").is_dir()
    assert (root / HOME / "camp/inbox-station").stat().st_mode & 0o777 == 0o700
    for file in (UNIT, ENTRY, "opt/fundus-edge/kiosk.sh", "opt/fundus-edge/station.md"):
        assert (root / file).is_file(), file
    told = (root / UNIT).read_text("utf-8") + (root / ENTRY).read_text("utf-8")
    assert re.findall(r"@\w*@", told.partition("\n")[2]) == []
    assert 'Exec="/opt/fundus-edge/kiosk.sh" "http://127.0.0.1:8000/"' in told


def test_the_program_that_was_installed_runs(root):
    program = root / "opt/fundus-edge/current/bin/fundus-edge"
    place = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")}
    ran = subprocess.run([program, "--version"], env=place, check=True, capture_output=True)
    assert b"fundus-edge, version" in ran.stdout
    assert os.access(root / "opt/fundus-edge/kiosk.sh", os.X_OK)


def test_the_service_is_closed_in(root):
    found = settings(root)
    inbox, data = f"/{HOME}/camp/inbox", f"/{HOME}/camp/inbox-station"
    expected = {
        "User": USER, "Restart": "always", "ProtectSystem": "strict", "ProtectHome": "read-only",
        "ReadWritePaths": f'"{data}"', "ReadOnlyPaths": f'"-{inbox}"', "IPAddressDeny": "any",
        "IPAddressAllow": "localhost", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "",
        "WantedBy": "multi-user.target", "StartLimitIntervalSec": "0", "UMask": "0077",
        "PrivateUsers": "yes", "PrivateMounts": "yes", "MemoryDenyWriteExecute": "yes",
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == {k: [v] for k, v in expected.items()}
    (secrets,) = found["InaccessiblePaths"]
    assert {f"-/{HOME}/.ssh", f"-/{HOME}/.gnupg"} <= set(shlex.split(secrets))


def test_systemd_takes_the_unit_and_finds_it_closed(root, tmp_path):
    analyze = tool("systemd-analyze", "systemd")
    unit = tmp_path / "fundus-edge-station.service"
    text = (root / UNIT).read_text("utf-8").replace('"/opt/', f'"{root}/opt/')
    unit.write_text(text, "utf-8")
    verified = subprocess.run(
        [analyze, "verify", "--man=no", unit], check=False, capture_output=True, text=True
    )
    assert verified.stderr == ""
    assert verified.returncode == 0
    security = (ROOT / "docs" / "security.md").read_text("utf-8")
    stated = round(10 * float(re.findall(r"an exposure of (\d\.\d) of 10", security)[0]))
    judged = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", f"--threshold={stated}", unit],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-300:]
    unit.write_text(text.replace("ProtectSystem=strict", "ProtectSystm=strict"), "utf-8")
    spoilt = subprocess.run(
        [analyze, "verify", "--man=no", unit], check=False, capture_output=True, text=True
    )
    assert "ProtectSystm" in spoilt.stderr


def test_where_the_kernel_lets_nobody_have_users_of_their_own_the_service_has_none(carried, quick):
    assert installed(carried, quick, unshare="false").returncode == 0
    assert settings(quick)["PrivateUsers"] == ["no"]


def test_the_entry_at_login_is_one_that_desktops_read(root):
    entry = configparser.ConfigParser(interpolation=None)
    entry.read_string((root / ENTRY).read_text("utf-8"))
    assert entry["Desktop Entry"]["Type"] == "Application"


def test_run_again_it_takes_other_options_and_keeps_what_was_there(carried, quick):
    assert installed(carried, quick).returncode == 0
    (before,) = (quick / "opt/fundus-edge/releases").iterdir()
    kept = quick / HOME / "camp/inbox-station/camp.sqlite"
    kept.write_text("kept")
    again = installed(carried, quick, "--port", "8123", "--language", "es", "--no-kiosk",
                      "--", "--threads", "1")  # fmt: skip
    assert again.returncode == 0, again.stderr
    (now,) = (quick / "opt/fundus-edge/releases").iterdir()
    assert now != before
    assert (quick / "opt/fundus-edge/current").resolve() == now
    assert kept.read_text() == "kept"
    assert not (quick / ENTRY).exists()
    (start,) = settings(quick)["ExecStart"]
    assert start.endswith('--port "8123" --language "es" "--threads" "1"')


def test_where_it_fails_the_program_of_before_stays(carried, quick, monkeypatch):
    assert installed(carried, quick).returncode == 0
    before = (quick / "opt/fundus-edge/current").resolve()
    monkeypatch.setenv("PIP_STATUS", "1")
    assert installed(carried, quick).returncode == 1
    assert (quick / "opt/fundus-edge/current").resolve() == before
    assert [*before.parent.iterdir()] == [before]


def test_what_was_packed_for_dicom_is_installed_with_what_reads_dicom(carried, quick, tmp_path):
    assert "fundus-edge[station,trust]" in installed(carried, quick).stdout
    packed = tmp_path / "packed"
    shutil.copytree(carried, packed)
    (packed / "wheels" / "pydicom-3.0.1-py3-none-any.whl").touch()
    assert "fundus-edge[station,trust,hospital]" in installed(packed, quick).stdout


def test_what_was_damaged_on_the_way_isnt_installed(carried, quick, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(carried, damaged)
    (wheel,) = (damaged / "wheels").iterdir()
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"x")
    result = installed(damaged, quick)
    assert result.returncode == 1
    assert "is damaged: copy it once more" in result.stderr
    assert not (quick / "opt").exists()


def test_uninstalled_nothing_is_left_but_what_is_the_camps(carried, quick):
    assert installed(carried, quick).returncode == 0
    result = installed(carried, quick, "--uninstall")
    assert result.returncode == 0, result.stderr
    left = {str(path.relative_to(quick)) for path in quick.rglob("*") if not path.is_dir()}
    assert left == set()
    assert (quick / HOME / "camp/inbox-station").is_dir()
    assert installed(carried, quick, "--uninstall").returncode == 1


def test_for_a_network_it_wants_a_password_first(carried, quick):
    result = installed(carried, quick, "--host", "0.0.0.0")  # noqa: S104
    assert result.returncode == 0
    assert "Not started, as others could open the page" in result.stdout
    assert (
        f"sudo -u {USER} /opt/fundus-edge/current/bin/fundus-edge station password" in result.stdout
    )
    (networks,) = settings(quick)["IPAddressAllow"]
    assert "192.168.0.0/16" in networks
    assert "any" not in networks


@pytest.mark.parametrize(
    ("place", "networks"),
    [
        ("RIS@192.168.1.5:104", "localhost 192.168.1.5"),
        ("RIS@[fd00::5]:104", "localhost fd00::5"),
        (
            "RIS@ris.local:104",
            "localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
        ),
    ],
)
def test_a_worklist_is_let_through_and_asks_for_no_password(carried, quick, place, networks):
    result = installed(carried, quick, "--worklist", place, "--", "--worklist-title", "CAMP")
    assert result.returncode == 0, result.stderr
    assert "Not started" not in result.stdout
    unit = settings(quick)
    assert unit["IPAddressAllow"] == [networks]
    (command,) = unit["ExecStart"]
    assert f'--worklist "{place}"' in command
    assert '"--worklist-title" "CAMP"' in command


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--user", "root"), "doesn't run as root"),
        (("--user", "nobody-of-this-name"), "there is no user"),
        (("--inbox", "camp"), "write the whole path"),
        (("--inbox", "/a%b"), "without double quotes"),
        (("--inbox", '/a"b'), "without double quotes"),
        (("--inbox", "/a\nb"), "without double quotes"),
        (("--inbox", "/a", "--data", "/a/b"), "lies in the inbox"),
        (("--port", "x"), "is no port"),
        (("--language", "xx"), "no language"),
        (("--port",), "needs a value"),
        (("--worklist", "192.168.1.5:104"), "is written AE@HOST:PORT"),
        (("--worklist", "A@B@PORT@:104"), "without double quotes"),
        (("--worklist",), "is written AE@HOST:PORT"),
        (("--nonsense",), "is no option"),
    ],
)
def test_a_wrong_option_is_said_before_anything_is_done(carried, quick, options, said):
    result = installed(carried, quick, *options)
    assert result.returncode == 1
    assert said in result.stderr
    assert not (quick / "opt").exists()


def test_folders_with_spaces_and_accents_stand_in_the_unit_as_they_are(carried, quick):
    inbox = "/media/L'Ojo & c\u00eda/C\u00c1MARA 1"
    assert installed(carried, quick, "--inbox", inbox).returncode == 0
    assert (quick / inbox.lstrip("/")).is_dir()
    (start,) = settings(quick)["ExecStart"]
    assert f'--inbox "{inbox}" --data "{inbox}-station"' in start


def test_the_browser_opens_once_the_page_is_there(tmp_path):
    (tmp_path / "current/bin").mkdir(parents=True)
    (tmp_path / "current/bin/python").symlink_to(sys.executable)
    shutil.copy(INSTALL / "kiosk.sh", tmp_path)
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    browser.write_text(f'#!{SHELL}\necho "$@"\n')
    browser.chmod(0o755)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        process = subprocess.Popen(
            [SHELL, tmp_path / "kiosk.sh", address], stdout=subprocess.PIPE, text=True,
            env={"PATH": f"{browser.parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        )  # fmt: skip
        time.sleep(1.5)
        assert process.poll() is None
        listening.listen()
        told = process.communicate(timeout=60)[0].split()
    assert {"--kiosk", address} <= set(told)
    assert f"--user-data-dir={tmp_path}/.local/state/fundus-edge-station/chromium" in told


def test_what_may_move_files_may_write_where_they_lie_and_where_they_go(carried, quick):
    result = installed(carried, quick, "--archive", "/srv/done")
    assert result.returncode == 0, result.stderr
    found, inbox = settings(quick), f"/{HOME}/camp/inbox"
    assert found["ReadWritePaths"] == [f'"{inbox}-station" "{inbox}" "/srv/done"']
    assert found["ReadOnlyPaths"] == [""]
    assert found["ExecStart"][0].endswith('--language "en" --archive "/srv/done"')
    assert installed(carried, quick, "--uninstall").returncode == 0


def test_a_folder_that_the_user_cant_make_is_made_below_the_root_and_no_link_is_followed(
    carried, quick, tmp_path
):
    found = shutil.which("mkdir", path="/usr/bin:/bin")
    failing = f"for last; do :; done\ncase $last in */done) [ -e {tmp_path}/seen ] || {{ "
    failing += f': >{tmp_path}/seen; exit 1; }} ;; esac\nexec {found} "$@"\n'
    for name, does in (("mkdir", failing), ("chown", f'echo "$@" >{tmp_path}/owned\n')):
        (tmp_path / "bin" / name).write_text(f"#!{SHELL}\n{does}")
        (tmp_path / "bin" / name).chmod(0o755)
    result = installed(carried, quick, "--archive", f"{tmp_path}/srv/done")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "owned").read_text() == f"-h {USER}: {quick}{tmp_path}/srv/done\n"
    assert (quick / str(tmp_path / "srv/done").lstrip("/")).is_dir()
    assert not (tmp_path / "srv").exists()


def test_the_scripts_are_clean_shell():
    check = tool("shellcheck", "shellcheck")
    scripts = sorted(INSTALL.glob("*.sh"))
    assert len(scripts) == 3
    ran = subprocess.run([check, *scripts], check=False, capture_output=True, text=True)
    assert ran.stdout == ""
    assert all("\nset -eu\n" in Path(each).read_text("utf-8") for each in scripts)
