"""bxpull_server.config_file."""

from pathlib import Path

import pytest

from bxpull_server.config_file import read_config
from bxpull_server.errors import OptionsError
from bxpull_server.options import ServerOptions


def test_reads_the_table_and_takes_paths_from_the_files_folder(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text('[build]\nminify = true\n[serve]\nport = 9000\nserver-version = 4\nstatic = "public"\n')
    assert read_config(file) == {"port": 9000, "server_version": 4, "static": tmp_path / "public"}


def test_the_default_file_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_config(None) == {}
    Path("bxpull.toml").write_text("[serve]\nuser = 7\n")
    assert read_config(None) == {"user": 7}


def test_an_empty_folder_is_not_the_files_own(tmp_path: Path) -> None:
    file = tmp_path / "bxpull.toml"
    file.write_text('[serve]\nstatic = ""\n')
    with pytest.raises(OptionsError, match="option static: must not be empty"):
        ServerOptions(**read_config(file))


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bxpull.toml"
    file.write_text("[serve]\nuser = 7\n", encoding="utf-8-sig")
    assert read_config(file) == {"user": 7}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"[serve", "is not TOML"),
        (b"\xff", "is not TOML"),
        (b"[serve]\nuser = " + b"9" * 5_000, "has a number too long to read"),
        (b"[serve]\nuser = 0x" + b"9" * 5_000, "has a number too long to read"),
        (b"[serve]\nuser = " + b"[" * 5_000, "is nested too deeply"),
        (b"serve = 1", "serve must be a table"),
        (b"[serve]\nprot = 1", r"option prot: there is no such option.* \(in '.*bxpull\.toml'\)$"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "bxpull.toml"
    file.write_bytes(content)
    with pytest.raises(OptionsError, match=problem):
        read_config(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"option config: cannot read .*none\.toml': No such file"):
        read_config(tmp_path / "none.toml")
