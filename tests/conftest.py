"""What tests in any file may ask for."""

import pytest

from sim.__main__ import main


@pytest.fixture
def call(capsys):
    """Run a command: its exit code, standard output and standard error."""

    def called(*words):
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, in which the test runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
