"""The middle-out buffer for what a command prints."""

from __future__ import annotations

__all__ = ["OutputBuffer"]


class OutputBuffer:
    """Keeps the first and the last half of `limit` bytes; what comes between is counted and dropped."""

    def __init__(self, limit: int, *, marker: bool) -> None:
        """`marker`: whether the halves of an overfull buffer are joined by a line `... N bytes omitted
        ...`."""
        self._half = limit // 2
        self._marker = marker
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def push(self, data: bytes) -> None:
        """Add what was printed."""
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        # Cutting only now and then keeps long outputs linear.
        if len(self._tail) > 2 * self._half + 65536:
            del self._tail[: len(self._tail) - self._half]

    @property
    def omitted(self) -> int:
        """How many bytes were dropped."""
        return max(0, self.total - 2 * self._half)

    def join(self) -> bytes:
        """What is kept."""
        tail = self._tail[max(0, len(self._tail) - self._half) :]
        if self.omitted and self._marker:
            return bytes(self._head) + b"\n... %d bytes omitted ...\n" % self.omitted + bytes(tail)
        return bytes(self._head + tail)
