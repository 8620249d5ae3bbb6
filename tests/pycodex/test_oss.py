import re

from pycodex.oss import PullProgress


def test_a_status_is_written_over_the_one_before() -> None:
    progress = PullProgress()
    assert progress.status("Pulling model x...") == "\rPulling model x..."
    assert progress.status("pulling manifest") == ""
    assert progress.status("success") == "\r" + "success".ljust(len("Pulling model x..."))


def test_progress_has_a_heading_once_and_then_sums_over_the_layers() -> None:
    progress = PullProgress()
    gib = 1024**3
    first = progress.chunk("a", gib, None, 1e9)
    assert first.startswith("\r\x1b[2KDownloading model: total 1.00 GB\n\r0.00/1.00 GB (0.0%) ")
    second = progress.chunk("b", gib, gib // 2, 2e9)
    assert re.fullmatch(r"\r0\.50/2\.00 GB \(25\.0%\) \d+\.\d MB/s *", second)


def test_a_layer_without_a_size_shows_nothing() -> None:
    assert PullProgress().chunk("a", None, 5, 1.0) == ""
