"""moto's state on disk: after a change, the changed backend is pickled before the answer leaves.

One file holds one backend, `state/<moto package>/<account>.<region>.pickle`, written beside and
renamed, so a kill at any moment leaves the old state or the new. Concurrent changes of one backend
share a write. A backend's references to other backends are kept as references, locks are made anew.
"""

from __future__ import annotations

import io
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import cloudpickle
import moto.backends
from moto.core.base_backend import BackendDict, BaseBackend

from labcloud.files import write_whole

Key = tuple[str, str, str]
"""(moto package, account, region); the region of a global service is its partition, "aws"."""

_FRESH: dict[type, Callable[[], Any]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
    threading.Condition: threading.Condition,
    threading.Event: threading.Event,
}


def backends_of(package: str) -> BackendDict[BaseBackend]:
    """Return moto's backends of a package ("s3", "awslambda"), by account and region."""
    return cast("BackendDict[BaseBackend]", moto.backends.get_backend(package))  # type: ignore[call-overload]


def backend_at(package: str, account: str, region: str) -> BaseBackend:
    """Return moto's backend of a package for an account and region; global services ignore it."""
    regional = backends_of(package)[account]
    return regional[region] if region in regional else regional["aws"]


def live_packages() -> tuple[str, ...]:
    """Return the moto packages that have a backend by now."""
    return tuple(
        {
            _package_of(backend)
            for backends in list(BackendDict._instances)  # type: ignore[misc]
            for _, _, backend in backends.iter_backends()
        }
    )


def _package_of(backend: BaseBackend) -> str:
    return type(backend).__module__.split(".")[1]


def _fresh_weak(items: dict[Any, Any]) -> weakref.WeakValueDictionary[Any, Any]:
    return weakref.WeakValueDictionary(items)


def _key_as_pem(key: Any) -> Any:
    """Reduce a key of `cryptography`, which cannot be pickled, to its PEM form; else None."""
    if not type(key).__module__.startswith("cryptography."):
        return None
    from cryptography.hazmat.primitives import serialization as form

    if not hasattr(key, "private_bytes"):
        return None
    plain = form.NoEncryption()
    pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, plain)
    return _private_key, (pem,)


def _private_key(pem: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem, None)


def _bare_defaultdict(kind: type[defaultdict[Any, Any]], factory: Any) -> Any:
    """Make one of moto's own kinds of defaultdict without what its constructor asks for."""
    made = kind.__new__(kind)
    made.default_factory = factory
    return made


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if (fresh := _FRESH.get(kind)) is not None:
            return fresh, ()
        if isinstance(obj, BaseBackend):
            return backend_at, (_package_of(obj), obj.account_id, obj.region_name)
        if kind is weakref.WeakValueDictionary:
            return _fresh_weak, (dict(obj),)
        if isinstance(obj, defaultdict) and kind is not defaultdict:
            made = (kind, obj.default_factory)
            return _bare_defaultdict, made, vars(obj), None, iter(obj.items())
        if (as_pem := _key_as_pem(obj)) is not None:
            return as_pem
        return super().reducer_override(obj)


def dump(backend: BaseBackend) -> bytes:
    """Return a backend's state as bytes."""
    file = io.BytesIO()
    _Pickler(file, protocol=5).dump(backend.__dict__)
    return file.getvalue()


def load(backend: BaseBackend, data: bytes) -> None:
    """Give a backend the state that `dump` wrote."""
    backend.__dict__.clear()
    backend.__dict__.update(cloudpickle.loads(data))


class State:
    """Saves and restores moto's backends under one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "state"
        self.locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        """One lock a moto package: moto's backends are not made for threads."""
        self._writers: dict[Key, _Writer] = defaultdict(_Writer)
        self._guard = threading.Lock()

    def restore(self) -> None:
        """Load every backend that was saved; called once, before the first request."""
        for path in self._saved():
            account, _, region = path.stem.partition(".")
            package = path.parent.name
            with self.locks[package]:
                backend = backend_at(package, account, region)
                load(backend, path.read_bytes())
                _after_restore(package, backend)

    def save(self, package: str, account: str, region: str) -> None:
        """Put a backend's present state on disk; returns when it is there."""
        backend = backend_at(package, account, region)
        key = (package, account, backend.region_name)
        with self._guard:
            writer = self._writers[key]
        writer.write(self.locks[package], backend, self._path(key))

    def _path(self, key: Key) -> Path:
        package, account, region = key
        return self.directory / package / f"{account}.{region}.pickle"

    def _saved(self) -> Iterator[Path]:
        return iter(sorted(self.directory.glob("*/*.pickle")))


class _Writer:
    """Writes one backend; callers that come while it writes share the next write."""

    def __init__(self) -> None:
        self._asked = 0
        self._written = 0
        self._writing = threading.Lock()

    def write(self, lock: threading.RLock, backend: BaseBackend, path: Path) -> None:
        with lock:
            self._asked += 1
            mine = self._asked
        with self._writing:
            if self._written >= mine:
                return
            with lock:
                covers = self._asked
                data = dump(backend)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
            self._written = covers


def _after_restore(package: str, backend: BaseBackend) -> None:
    """moto keeps one thing outside its backends: which account owns a bucket's name."""
    if package == "s3":
        owners: dict[str, tuple[str, str]] = backends_of("s3").bucket_accounts  # type: ignore[attr-defined]
        for name in backend.buckets:  # type: ignore[attr-defined]
            owners[name] = (backend.partition, backend.account_id)
