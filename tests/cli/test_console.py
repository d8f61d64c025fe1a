import json

import pytest

from aisle.cli.console import print_json, say, show, table


def test_json_goes_to_standard_output_and_messages_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("reading")
    print_json({"a": ("线",)})
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"a": ["线"]}
    assert printed.err == "reading\n"


def test_a_long_message_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("word " * 100 + "[bold]")
    assert capsys.readouterr().err == "word " * 100 + "[bold]\n"


def test_brackets_in_a_title_are_text_and_not_a_style(capsys: pytest.CaptureFixture[str]) -> None:
    show(table(("title",), [("[red]Sale[/] Cable",)]))
    assert "[red]Sale[/] Cable" in capsys.readouterr().out
