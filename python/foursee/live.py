"""Live platforms: ``capture`` waits, ``capture_async`` lets the event loop go on."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Sequence
from os import PathLike, fspath

from foursee._foursee import Captured, _capture

__all__ = ["capture", "capture_async"]

_News = tuple[str, object]


def _targets(target: str | Sequence[str] | None) -> list[str]:
    if target is None:
        return []
    return [target] if isinstance(target, str) else list(target)


def _heard(news: _News, progress: Callable[[str], object] | None) -> Captured | None:
    """What the capture came to, if this was the last that is heard of it."""
    word, what = news
    if isinstance(what, Captured):
        return what
    if isinstance(what, BaseException):
        raise what
    if word == "step" and progress is not None:
        progress(str(what))
    return None


def capture(
    layer: str,
    target: str | Sequence[str] | None = None,
    out: str | PathLike[str] | None = None,
    *,
    concurrency: int = 8,
    deadline: float = 300.0,
    progress: Callable[[str], object] | None = None,
) -> Captured:
    """Reads live platforms of one layer. Nothing is ever written to them.

    ``target`` is one or several; without it, what the platform's own tools would talk to. ``out`` is a folder, or one
    file where it ends in ``.tar.zst``; without it the capture is held in memory. Either way ``audit`` and ``open``
    take what this returns. ``deadline`` is in seconds, ``concurrency`` in requests, both for each target.

    What could not be read is in ``gaps``, and never an exception. On Ctrl-C what was read so far is kept in ``out``,
    marked incomplete.
    """
    news: queue.SimpleQueue[_News] = queue.SimpleQueue()
    path = None if out is None else fspath(out)
    under_way = _capture(
        layer, _targets(target), path, concurrency, deadline, lambda word, what: news.put((word, what))
    )
    try:
        while True:
            try:
                heard = news.get(timeout=0.05)
            except queue.Empty:
                continue
            captured = _heard(heard, progress)
            if captured is not None:
                return captured
    except BaseException:
        under_way.stop()
        raise


async def capture_async(
    layer: str,
    target: str | Sequence[str] | None = None,
    out: str | PathLike[str] | None = None,
    *,
    concurrency: int = 8,
    deadline: float = 300.0,
    progress: Callable[[str], object] | None = None,
) -> Captured:
    """The same as ``capture``, for asyncio: the event loop goes on, and cancelling the task ends the capture."""
    loop = asyncio.get_running_loop()
    news: asyncio.Queue[_News] = asyncio.Queue()
    path = None if out is None else fspath(out)

    def tell(word: str, what: object) -> None:
        loop.call_soon_threadsafe(news.put_nowait, (word, what))

    under_way = _capture(layer, _targets(target), path, concurrency, deadline, tell)
    try:
        while True:
            captured = _heard(await news.get(), progress)
            if captured is not None:
                return captured
    except BaseException:
        under_way.stop()
        raise
