import pytest
from rich.progress import Progress

from aisle.cli.progress import bars, lines, noted


def test_a_log_gets_a_line_every_five_seconds_and_one_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 1.0, 4.9, 5.0, 6.0, 7.0])
    report = lines(clock=lambda: next(seconds))
    for done in (0, 100, 200, 300, 400, 1000):
        report("encode", done, 1000)
    assert capsys.readouterr().err.splitlines() == ["encode: 30%", "encode: done in 7.0 s"]


def test_the_end_of_a_stage_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    report = lines(clock=lambda: 0.0)
    for done, total in ((0, 1), (3000, 3000), (1, 1)):
        report("encode", done, total)
    assert capsys.readouterr().err == "encode: done in 0.0 s\n"


def test_where_the_total_is_unknown_the_number_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 9.0])
    report = lines(clock=lambda: next(seconds))
    report("rows", 1_000, 0)
    report("rows", 2_000, 0)
    assert capsys.readouterr().err == "rows: 2,000\n"


def test_stages_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    report = lines(clock=lambda: 0.0)
    report("encode", 2, 2)
    report("index", 3, 3)
    assert capsys.readouterr().err == "encode: done in 0.0 s\nindex: done in 0.0 s\n"


def test_a_terminal_gets_a_bar_for_each_stage() -> None:
    progress = Progress()
    report = bars(progress)
    for stage, done, total in (("encode", 0, 1), ("encode", 5, 10), ("rows", 7, 0)):
        report(stage, done, total)
    assert [(task.description, task.completed, task.total) for task in progress.tasks] == [
        ("encode", 5, 10),
        ("rows", 7, None),
    ]


def test_a_note_says_how_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 5.0])
    report = lines(clock=lambda: next(seconds))
    progress, note = noted(report)
    progress("learn", 0, 10)
    note("loss 4.213")
    progress("learn", 3, 10)
    assert capsys.readouterr().err.splitlines() == ["learn: 30%, loss 4.213"]
