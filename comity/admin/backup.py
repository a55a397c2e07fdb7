"""Backups of a node: one file, made while the node goes on, checked when it is made, and again before anything of it is put back.

A backup is a tar file: `manifest.json` (what is in it, by SHA-256, and the log's checkpoint and key), the store, `node.toml`, `keys` only
if a passphrase is given (encrypted with ChaCha20-Poly1305 under a key from Argon2id), and `manifest.sha256`.

Crash story: a backup has its name only once it is whole and checked. A restore writes beside and renames; it begins in a folder without a
node, so that a cut leaves nothing that could be taken for one.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from comity.admin.upkeep import Backup, note_backup
from comity.durable import put_whole, scratch
from comity.errors import Conflict, IntegrityFault, OperatorFault, SenderFault
from comity.ledger import audit
from comity.ledger.high_water import HighWater
from comity.ledger.keys import read_verifier, write_verifier
from comity.store import open_store
from comity.world import World

STORE, SETTINGS, KEYS, MANIFEST, SUM = "comity.db", "node.toml", "keys", "manifest.json", "manifest.sha256"
_PIECE = 1 << 20
#: Argon2id: passes, KiB, lanes; bytes of salt, nonce and key.
_COST = (3, 1 << 16, 4)
#: Characters of a passphrase: whoever finds the file may try as many as they like.
SHORTEST = 12
_SALT, _NONCE, _KEY = 16, 12, 32
_LABEL = b"comity/backup-keys/v1"
#: Bytes of a manifest, of settings, of keys.
_SMALL = 1 << 20


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself. `size`, `root` (hex), `checkpoint` and `key` are the log's."""

    version: int = 1
    made: datetime
    party: str
    name: str
    size: int
    root: str
    checkpoint: str
    key: str
    parts: dict[str, Part]


def back_up(world: World, folder: Path, path: Path, passphrase: str = "") -> Manifest:
    """Write a backup of the node in a folder, and check it. With a passphrase its keys go with it.

    Raises OperatorFault for a store that is no file or a place that cannot be written, Conflict for a file that is there, SenderFault for
    a passphrase that is too short.
    """
    if passphrase and len(passphrase) < SHORTEST:
        raise SenderFault(f"a passphrase of {len(passphrase)} characters keeps nobody out", next=f"take {SHORTEST} or more")
    if path.exists():
        raise Conflict(f"{path} is there already", next="choose another name: a backup is not written over another")
    try:
        with scratch(path.parent, ".backup-") as beside:
            store = beside / STORE
            world.store.copy_to(store)
            head = _head(store)
            files: dict[str, Path | bytes] = {STORE: store, SETTINGS: (folder / SETTINGS).read_bytes()}
            if passphrase:
                files[KEYS] = _sealed(_packed(folder / "keys"), passphrase)
            parts = {each: Part(bytes=_length(content), sha256=_hash(content)) for each, content in files.items()}
            manifest = Manifest(
                made=world.clock(), party=world.settings.party, name=world.settings.name, size=head[0], root=head[1].hex(),
                checkpoint=head[2].decode(), key=write_verifier(world.journal.verifier), parts=parts,
            )  # fmt: skip
            whole = beside / "whole"
            _write(whole, manifest, files)
            check(whole)
            os.link(whole, path)
            note_backup(world, Backup(at=manifest.made, bytes=_length(whole), keys=bool(passphrase)))
    except OSError as error:
        raise OperatorFault(f"cannot write {path}: {error}", next="check the folder and the disk") from error
    return manifest


def _head(store: Path) -> tuple[int, bytes, bytes]:
    with closing(sqlite3.connect(store)) as db:
        row = db.execute("SELECT size,root,checkpoint FROM head").fetchone()
    return (int(row[0]), bytes(row[1]), bytes(row[2])) if row else (0, b"", b"")


def _write(path: Path, manifest: Manifest, files: dict[str, Path | bytes]) -> None:
    with path.open("wb") as file:
        path.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            said = msgspec.json.encode(manifest)
            for name, content in {MANIFEST: said, **files, SUM: _hash(said).encode()}.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = _length(content), 0o600
                if isinstance(content, bytes):
                    tar.addfile(entry, io.BytesIO(content))
                else:
                    with content.open("rb") as source:
                        tar.addfile(entry, source)
        file.flush()
        os.fsync(file.fileno())


def _length(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _hash(content: Path | bytes) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path) -> Manifest:
    """Read a backup as a whole: every part, the store's own check, every entry of the log. Raises IntegrityFault, OperatorFault."""
    with tempfile.TemporaryDirectory(prefix="comity-backup-") as name:
        return _unpack(path, Path(name))


def _unpack(path: Path, folder: Path) -> Manifest:
    """Take a backup apart into a folder, checked."""
    try:
        with tarfile.open(path, "r:") as tar:
            said = _part(path, tar, MANIFEST).read(_SMALL)
            manifest = _manifest(said)
            for name, part in manifest.parts.items():
                if _taken(_part(path, tar, name), folder / name) != part:
                    raise IntegrityFault(f"{path}: its part {name} is not what was backed up", next="use another backup")
            if _part(path, tar, SUM).read(_SMALL) != _hash(said).encode():
                raise IntegrityFault(f"{path}: its manifest is not what was written", next="use another backup")
            if tar.next() is not None:
                raise IntegrityFault(f"{path}: it has more parts than it says", next="use another backup")
    except (tarfile.TarError, EOFError) as error:
        raise IntegrityFault(f"{path} is no backup, or is cut off: {error}", next="use another backup") from error
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error}") from error
    _check_store(path, folder / STORE, manifest)
    return manifest


def _part(path: Path, tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """The next part, which must be this one."""
    entry = tar.next()
    found = tar.extractfile(entry) if entry is not None and entry.name == name and entry.isreg() else None
    if found is None:
        raise IntegrityFault(f"{path}: it has no {name} where one belongs", next="use another backup")
    return found


def _manifest(said: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(said, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise IntegrityFault(f"the backup's manifest cannot be read: {fault}", next="use another backup") from None
    if found.version != 1 or not {STORE, SETTINGS} <= found.parts.keys() <= {STORE, SETTINGS, KEYS}:
        raise IntegrityFault(
            f"a backup of version {found.version} with parts {', '.join(found.parts)}", next="restore it with a newer Comity"
        )
    return found


def _taken(source: IO[bytes], path: Path) -> Part:
    """Write a part out; what it was."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        path.chmod(0o600)
        while piece := source.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return Part(bytes=size, sha256=digest.hexdigest())


def _check_store(path: Path, store: Path, manifest: Manifest) -> None:
    """The store of a backup against its manifest."""
    opened = open_store(f"sqlite:{store}")
    try:
        problems = opened.check()
        if not problems:
            report = audit.verify(opened.leaves(0), opened.head(), read_verifier(manifest.key))
            problems = list(report.problems)
            if (report.size, report.root if report.size else "") != (manifest.size, manifest.root):
                problems.append(f"its log has {report.size} entries, its manifest says {manifest.size}")
    finally:
        opened.close()
    if problems:
        more = f", and {len(problems) - 1} more" if problems[1:] else ""
        raise IntegrityFault(f"{path}: {problems[0]}{more}", next="use another backup")


def restore(path: Path, folder: Path, passphrase: str = "") -> Manifest:
    """Put a backup back into a folder that has no node. Its keys come from the backup, or are in `keys/` already.

    Raises Conflict for a folder with a node, SenderFault where the keys are missing, IntegrityFault, OperatorFault.
    """
    if (folder / SETTINGS).exists():
        raise Conflict(f"{folder} has a {SETTINGS} already", next="restore into another folder, or move what is there away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        with scratch(folder, ".restore-") as beside:
            manifest = _unpack(path, beside)
            # One that is the backup's own is of a restore that was cut off.
            if (folder / STORE).exists() and _hash(folder / STORE) != _hash(beside / STORE):
                raise Conflict(f"{folder} has a {STORE} already", next="restore into another folder, or move what is there away")
            if KEYS in manifest.parts and passphrase:
                _unpacked((beside / KEYS).read_bytes(), passphrase, folder / "keys")
            if not (folder / "keys" / "log").exists():
                how = "give its passphrase" if KEYS in manifest.parts else f"put the node's keys/ into {folder} first"
                raise SenderFault("the node's keys are missing", next=how)
            (beside / STORE).rename(folder / STORE)
            # Last: without it the folder is no node.
            put_whole(folder / SETTINGS, [(beside / SETTINGS).read_bytes()])
    except OSError as error:
        raise OperatorFault(f"cannot restore into {folder}: {error}", next="check the folder and the disk") from error
    return manifest


def behind(world: World, folder: Path) -> str:
    """What a restored node's log lacks of what was signed, by the mark beside its keys, and what to do; "" if nothing is known."""
    try:
        HighWater(folder / "keys" / "high-water").check(world.store.head())
    except IntegrityFault as fault:
        return f"{fault}; {fault.next}"
    return ""


def _packed(keys: Path) -> bytes:
    """The node's keys as a tar file, without the mark of how far the log has come: that is not for a backup."""

    def kept(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if entry.name == "high-water" or not (entry.isreg() or entry.isdir()) else entry

    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for each in sorted(keys.iterdir()):
            tar.add(each, arcname=each.name, filter=kept)
    return whole.getvalue()


def _unpacked(data: bytes, passphrase: str, keys: Path) -> None:
    """The inverse of `_packed` and `_sealed`; a key that is there already stays. Raises SenderFault for another passphrase."""
    try:
        plain = ChaCha20Poly1305(_derived(passphrase, data[:_SALT])).decrypt(data[_SALT : _SALT + _NONCE], data[_SALT + _NONCE :], _LABEL)
    except InvalidTag:
        raise SenderFault("this is not the passphrase of the backup's keys", next="try again, or put keys/ there by hand") from None
    keys.mkdir(mode=0o700, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        there = {entry.name for entry in tar if (keys / entry.name).exists() and entry.isreg()}
        tar.extractall(keys, [entry for entry in tar.getmembers() if entry.name not in there], filter="data")


def _sealed(plain: bytes, passphrase: str) -> bytes:
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    return salt + nonce + ChaCha20Poly1305(_derived(passphrase, salt)).encrypt(nonce, plain, _LABEL)


def _derived(passphrase: str, salt: bytes) -> bytes:
    passes, memory, lanes = _COST
    return hash_secret_raw(passphrase.encode(), salt, passes, memory, lanes, _KEY, Type.ID)
