"""The upload store keeps bytes whole or not at all."""

import errno
from pathlib import Path

import pytest

from app.core import files
from app.core.files import UploadStore


def test_what_is_put_is_read_back_until_deleted(tmp_path: Path) -> None:
    store = UploadStore(tmp_path / "uploads")
    key, other = store.put(b"one"), store.put(b"one")
    assert key != other
    assert store.read(key) == b"one"
    store.delete(key)
    store.delete(key)
    assert store.read(other) == b"one"
    with pytest.raises(FileNotFoundError):
        store.read(key)


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        UploadStore(tmp_path).put(b"one")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_only_its_own_keys_name_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        UploadStore(tmp_path).read(key)
