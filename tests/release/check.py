"""Build sdist and wheel, look inside, install each where there is no Node, and use what was installed.

Run by ``make release-check``. It leaves sdist and wheel in ``dist/``, checked.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
STATIC = "lindi_explorer/widget/static"
CARRIED = {f"{STATIC}/widget.js", f"{STATIC}/widget.css", f"{STATIC}/THIRD_PARTY_LICENSES.txt"}
IN_WHEEL = CARRIED | {"lindi_explorer/py.typed", "lindi_explorer/__init__.py"}
IN_SDIST = CARRIED | {"package.json", "package-lock.json", "js/build.mjs", "LICENSE", "pyproject.toml"}


def main() -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    # The wheel is built from the unpacked sdist, bundle included: so the sdist is complete.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, LINDI_EXPLORER_FORCE_BUNDLE="1")
    (sdist,) = DIST.glob("*.tar.gz")
    (wheel,) = DIST.glob("*.whl")
    with tarfile.open(sdist) as archive:
        look_inside(sdist, {name.partition("/")[2] for name in archive.getnames()}, IN_SDIST)
    with zipfile.ZipFile(wheel) as archive:
        look_inside(wheel, set(archive.namelist()), IN_WHEEL)
    with tempfile.TemporaryDirectory() as folder:
        for package in (wheel, sdist):
            use(package, Path(folder) / package.suffix.strip("."))
    say(f"Checked: {wheel.name} and {sdist.name} in {DIST}")


def look_inside(package: Path, names: set[str], expected: set[str]) -> None:
    missing = expected - names
    stray = [name for name in names if "node_modules" in name or ".venv" in name or name.startswith("tests")]
    if missing or stray:
        sys.exit(f"{package.name}: missing {sorted(missing)}, stray {stray[:5]}")
    say(f"{package.name}: {len(names)} files, {package.stat().st_size / 1000:.0f} kB")


def use(package: Path, home: Path) -> None:
    """Install into an empty environment where neither Node nor our folder can be found, then use it."""
    say(f"Installing {package.name} into an empty environment")
    run(sys.executable, "-m", "venv", home / "venv")
    python = home / "venv" / "bin" / "python"
    pins = ROOT / "requirements.txt"
    bare = {"PATH": str(python.parent), "PYTHONPATH": ""}
    run(python, "-m", "pip", "install", "--quiet", "--constraint", pins, package, cwd=home, **bare)
    run(python, "-I", ROOT / "tests" / "release" / "use.py", home, cwd=home, **bare)


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> None:
    subprocess.run([str(part) for part in command], cwd=cwd, env={**os.environ, **environment}, check=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
