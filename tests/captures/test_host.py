"""Host facts as a codex user-agent prints them."""

from pathlib import Path

import pytest

from captures.host import host_facts


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "Debian 12.0.0"),
        ('NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\n', "Ubuntu 24.4.0"),
        ('NAME="Odd Linux"\nID=odd\n', "Odd Linux"),
        ("", "Linux"),
    ],
)
def test_the_name_and_version_of_the_system(tmp_path: Path, release: str, name: str) -> None:
    (tmp_path / "os-release").write_text(release)
    assert host_facts(tmp_path).os == name


def test_the_timezone_is_the_machines(tmp_path: Path) -> None:
    (tmp_path / "timezone").write_text("Europe/Vienna\n")
    assert host_facts(tmp_path).timezone == "Europe/Vienna"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert host_facts(tmp_path).timezone == "Asia/Tokyo"
