"""Settings: where they come from, and what is refused."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from idiolect.settings import Settings, UserModelSettings


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.toml"
    file.write_text("log_level = 'ERROR'\n[api]\nport = 9000\nmax_request_mb = 7\n")
    monkeypatch.setenv("IDIOLECT_CONFIG", str(file))
    monkeypatch.setenv("IDIOLECT_API__PORT", "9001")
    settings = Settings()
    assert (settings.log_level, settings.api.port, settings.api.max_request_mb) == (
        "ERROR",
        9001,
        7,
    )
    assert Settings(log_level="DEBUG").log_level == "DEBUG"


def test_an_unknown_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    file.write_text("no_such = 1\n")
    monkeypatch.setenv("IDIOLECT_CONFIG", str(file))
    with pytest.raises(ValidationError, match="no_such"):
        Settings()


def test_a_named_time_zone_keeps_its_summer_time() -> None:
    zone = UserModelSettings(time_zone="Europe/Lisbon").zone
    offsets = [
        datetime(2026, month, 1, tzinfo=ZoneInfo("UTC")).astimezone(zone).hour for month in (1, 7)
    ]
    assert offsets == [0, 1]


def test_the_machines_zone_is_the_default() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("UTC"))
    assert moment.astimezone(UserModelSettings().zone).hour == moment.astimezone().hour


def test_a_time_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="Europe/Lisbon"):
        UserModelSettings(time_zone="Europe/Atlantis")
