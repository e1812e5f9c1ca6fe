"""AWS's own runtime interface emulator around a packaged bootstrap, in a root folder that holds nothing but libc, libm, the loader,
/dev/null, /tmp and the unpacked zip.

    with Emulator(zip_path) as emulator:
        status, body = emulator.invoke(b'{"user_id": 123}')
"""

import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "aws"))

import packages

PATH = "/2015-03-31/functions/function/invocations"
START_SECONDS = 60
NOBODY = 65534
LOADER = re.compile(r"(/\S+)(?= \(0x)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_root(folder, archive):
    """The root folder: what is in the zip below /var/task, and of this machine libc, libm and the loader alone."""
    task = folder / "var" / "task"
    for name in ("var/task", "dev", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "tmp").chmod(0o1777)
    (folder / "dev" / "null").touch()
    with zipfile.ZipFile(archive) as unpacked:
        for entry in unpacked.infolist():
            path = pathlib.Path(unpacked.extract(entry, task))
            path.chmod(entry.external_attr >> 16)
    listed = subprocess.run(["ldd", task / "bootstrap"], check=True, capture_output=True, text=True).stdout
    for library in LOADER.findall(listed):
        place = folder / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library, place)
        place.chmod(0o755)
    return folder


def alone(*command):
    """The command in mount and process namespaces of its own: it ends with all that it started."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", *user, *map(str, command)]


def in_root(root, *command):
    """The command with `root` as its root folder, as nobody where that is possible."""
    script = 'mount --bind /dev/null "$0/dev/null" && exec chroot "$@"'
    user = [f"--userspec={NOBODY}:{NOBODY}"] if os.geteuid() == 0 else []
    return ["sh", "-c", script, root, *user, root, *command]


class Emulator:
    def __init__(self, archive=None, command=None, **environment):
        """Of a zip in a clean root, or of a command as it is."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="purvey-emulator-"))
        self.folder.chmod(0o755)
        if archive:
            command = in_root(make_root(self.folder / "root", archive), "/var/task/bootstrap")
        self.port, runtime = free_port(), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PURVEY_"))}
        task = {"LAMBDA_TASK_ROOT": "/var/task", "AWS_LAMBDA_FUNCTION_NAME": "recommend", "AWS_REGION": "eu-central-1"}
        addresses = ["--runtime-api-address", f"127.0.0.1:{runtime}", "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"]
        self.log = open(self.folder / "log", "wb+")
        started = alone(packages.EMULATOR, *addresses, *command)
        self.process = subprocess.Popen(started, env={**kept, **task, **environment}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.connection = None

    def __enter__(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the emulator did not start:\n{self.logged()}")

    def __exit__(self, *_):
        self.connection.close()
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def invoke(self, event):
        self.connection.request("POST", PATH, event, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def logged(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
