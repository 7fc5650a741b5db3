"""The notebooks run from first cell to last and show what they promise."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from clues.wording import banned_words

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
# Pictures that each shows: a clue's, a neighbourhood, the ties between two parties.
PICTURES = {"01_快速上手.ipynb": 3, "02_关联交易.ipynb": 2, "03_围标串标.ipynb": 2}


@pytest.fixture(scope="module", params=sorted(PICTURES))
def executed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook, run in a kernel of its own with nobody's home folder."""
    home = tmp_path_factory.mktemp("home")
    notebook = nbformat.read(NOTEBOOKS / request.param, as_version=4)
    notebook.metadata["name"] = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home))
        patch.setenv("TMPDIR", str(home))
        # The kernel starts in the notebook's folder, from which the rooms are not seen otherwise.
        patch.setenv("PYTHONPATH", str(NOTEBOOKS.parent))
        patch.delenv("TANWEI_KEY_FILE", raising=False)
        client = NotebookClient(
            notebook,
            timeout=120,
            kernel_name="python3",
            resources={"metadata": {"path": str(NOTEBOOKS)}},
        )
        client.execute()
    return notebook


def outputs(notebook: Any, kind: str) -> list[Any]:
    return [
        output["data"][kind]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output.get("data", {})
    ]


def streams(notebook: Any, name: str) -> str:
    return "".join(
        output["text"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output["name"] == name
    )


def test_no_cell_complains(executed: Any) -> None:
    assert streams(executed, "stderr") == ""
    assert "Traceback" not in streams(executed, "stdout")
    assert "错误：" not in streams(executed, "stdout")


def test_clues_pictures_and_handover_files_show(executed: Any) -> None:
    html = "".join(outputs(executed, "text/html"))
    assert "background:#c75b00" in html
    assert ">橙<" in html
    assert len(outputs(executed, "image/png")) == PICTURES[executed.metadata["name"]]
    assert "交办单" in streams(executed, "stdout")


@pytest.mark.parametrize("executed", ["02_关联交易.ipynb"], indirect=True)
def test_related_party_notebook_leads_from_the_name_to_the_money(executed: Any) -> None:
    tables = "".join(outputs(executed, "text/html"))
    for heading in ("的亲属", "的中标、合同和收款", "亲属类别"):
        assert heading in tables
    assert re.search(r"<td[^>]*>持股\d", tables)


@pytest.mark.parametrize("executed", ["03_围标串标.ipynb"], indirect=True)
def test_ring_notebook_leads_from_raw_bids_to_one_ring(executed: Any) -> None:
    tables = "".join(outputs(executed, "text/html"))
    for heading in (
        "占较少一方投标数",
        "消防工程",
        "疑似围标团伙",
        "轮流中标",
        "保证金账号",
        "并入",
    ):
        assert heading in tables
    told = re.search(r"成员中标依次为： ([A-Z ]+)", streams(executed, "stdout"))
    assert told is not None
    assert len(set(told[1].split())) >= 3


def test_nothing_shown_is_a_verdict_or_a_full_number(executed: Any) -> None:
    shown = streams(executed, "stdout") + "".join(outputs(executed, "text/html"))
    assert banned_words(shown) == ()
    assert re.search(r"(?<!\d)\d{17}[\dXx](?![0-9A-Za-z])", shown) is None


def test_notebooks_are_stored_without_outputs() -> None:
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    assert [path.name for path in paths] == sorted(PICTURES)
    for path in paths:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), path
            assert cell.get("execution_count") is None, path
