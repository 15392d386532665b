"""Function packages: one zip per crate under `functions/`, its program named `bootstrap`.

The same program gives the same bytes, so that an unchanged function is neither uploaded
nor deployed again.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

from settings import LOCAL, ROOT, StackError

FOLDER = LOCAL / "package"
# The earliest time a zip can hold.
NO_TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o755 << 16


def program(name: str, profile: str, architecture: str) -> Path:
    """What cargo built for the emulator, or `cargo lambda` for Lambda."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    if profile == "local":
        path, how = target / "local" / name, "make build"
    else:
        path = target / "lambda" / name / "bootstrap"
        # Without other crates beside them: features that only those need would be in every function.
        how = f"cargo lambda build --release --{architecture.replace('_', '-')} $(ls functions | sed 's/^/-p /')"
    if not path.is_file():
        raise StackError(f"{path} is missing; build it with `{how}`")
    return path


def build(functions: Path, profile: str, architecture: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for manifest in sorted(functions.glob("*/Cargo.toml")):
        name = manifest.parent.name
        write(program(name, profile, architecture), FOLDER / f"{name}.zip", level=1 if profile == "local" else 9)


def write(source: Path, package: Path, level: int) -> None:
    """Writes the package unless it was made from the same bytes."""
    content = source.read_bytes()
    made_from = package.with_suffix(".sha256")
    digest = f"{hashlib.sha256(content).hexdigest()} {level}"
    if package.is_file() and made_from.is_file() and made_from.read_text() == digest:
        return
    entry = zipfile.ZipInfo("bootstrap", date_time=NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = EXECUTABLE
    made_from.unlink(missing_ok=True)
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(entry, content, compresslevel=level)
    made_from.write_text(digest)
