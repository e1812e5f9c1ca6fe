"""What was measured, and on what: processor, memory, versions, settings."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from programs import Places

PACKAGES = ("implicit", "irspack", "cmfrec", "faiss-cpu", "numpy", "scipy", "pandas", "polars", "duckdb")
VERSIONS = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""
INSTRUCTION_SETS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "asimd", "asimddp")


def field(path: str, name: str) -> str:
    """The first value of a field of a file under /proc."""
    match = re.search(rf"^{name}\s*:\s*(.*)$", pathlib.Path(path).read_text(), re.MULTILINE)
    return match[1].strip() if match else "unknown"


def versions(places: Places, environment: str) -> dict[str, str]:
    """Versions of the peers in an environment."""
    command = [str(places.python(environment)), "-c", VERSIONS, *PACKAGES]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def purvey_version(places: Places) -> str:
    return subprocess.run([places.purvey, "--version"], check=True, capture_output=True, text=True).stdout.strip()


def describe(places: Places, repeat: int) -> str:
    """The head of the report."""
    flags = field("/proc/cpuinfo", "flags").split() or field("/proc/cpuinfo", "Features").split()
    peers = ", ".join(f"{name} {version}" for name, version in versions(places, "wheels").items())
    native = versions(places, "native").get("irspack", "none")
    lines = [
        f"date: {datetime.date.today().isoformat()}",
        f"processor: {field('/proc/cpuinfo', 'model name')}, family {field('/proc/cpuinfo', 'cpu family')} model "
        f"{field('/proc/cpuinfo', 'model')}, {len(os.sched_getaffinity(0))} cores, "
        f"instruction sets {' '.join(name for name in INSTRUCTION_SETS if name in flags)}",
        f"memory: {int(field('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.1f} GB; load when it began: "
        f"{os.getloadavg()[0]:.1f}",
        f"system: Linux {platform.release()}, Python {platform.python_version()}",
        f"purvey: {purvey_version(places)}, PURVEY_ISA not set",
        f"peers: {peers}; irspack built with -march=native: {native}",
        f"runs: {repeat} of each, the programs taking turns; fewer where a run is slow. Medians.",
    ]
    return "\n".join(f"- {line}" for line in lines)
