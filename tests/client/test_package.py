"""What the built package carries beside its code."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.project import REPOSITORY

LICENSE = (REPOSITORY / "LICENSE").read_bytes()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist, and the wheel that is made from it, as a publisher builds them."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        [*command, str(REPOSITORY / "python_client")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


def assert_described(metadata: Message) -> None:
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("Project-URL") == ["Homepage, https://pypi.org/project/ratebook/"]


def test_the_wheel_has_the_licence_and_the_address_of_the_project(built: Path) -> None:
    (path,) = built.glob("*.whl")
    with ZipFile(path) as wheel:
        (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
        assert wheel.read(f"{info}/licenses/LICENSE") == LICENSE
        assert_described(message_from_bytes(wheel.read(f"{info}/METADATA")))
        assert "ratebook/_schema/supabase/platform.sql" in wheel.namelist()
        # The page, made from the sdist's copy of it.
        built_page = REPOSITORY / "web/dist"
        for path in filter(Path.is_file, built_page.rglob("*")):
            name = f"ratebook/_web/{path.relative_to(built_page)}"
            assert wheel.read(name) == path.read_bytes()
        assert "ratebook/_web/index.html" in wheel.namelist()


def test_so_has_the_sdist(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        (folder,) = {name.split("/")[0] for name in sdist.getnames()}

        def text(name: str) -> bytes:
            file = sdist.extractfile(f"{folder}/{name}")
            assert file is not None, name
            return file.read()

        assert text("LICENSE") == LICENSE
        assert_described(message_from_bytes(text("PKG-INFO")))
