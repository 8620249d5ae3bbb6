"""Starts one command and prints what the kernel accounted to it: exit code, start, wall, CPU, peak memory.

Run as `python -I -S launch.py COMMAND ...`, because the peak of a child counts the moment before exec, when it is
still a copy of its parent: the parent of a measured program has to be smaller than the program.
"""

import os
import sys
import time

__all__ = ["main"]


def main(argv: list[str]) -> None:
    """One line on stdout: exit code, unix seconds of the start, wall seconds, CPU seconds, peak in bytes.

    CPU and peak are those of wait4: the command and every child that it waited for.
    """
    null = os.open(os.devnull, os.O_RDWR)
    quiet = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]
    started, clock = time.time(), time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - clock
    print(os.waitstatus_to_exitcode(status), started, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
