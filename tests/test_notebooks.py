"""The notebooks run from top to bottom in a kernel of their own, and are kept without their results."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def texts(notebook, cell: int) -> str:
    """What a cell has shown, as text."""
    outputs = notebook.cells[cell].outputs
    return "\n".join(output.get("text") or output["data"]["text/plain"] for output in outputs)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook after all of its cells have run."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(home / "journals"))
        patch.setenv("TMPDIR", str(home))
        patch.setenv("PYTHONPATH", str(ROOT))

        def executed(path: Path):
            notebook = nbformat.read(path, as_version=4)
            nbclient.NotebookClient(
                notebook,
                timeout=100,
                resources={"metadata": {"path": str(home)}},
                extra_arguments=["--log-level=ERROR"],
            ).execute()
            return notebook

        yield executed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_results_and_without_traces_of_a_machine(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in code if cell.outputs or cell.execution_count] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell.id for cell in notebook.cells] == [f"cell-{n}" for n in range(1, len(notebook.cells) + 1)]


def test_the_quickstart(executed):
    notebook = executed(ROOT / "notebooks" / "quickstart.ipynb")
    shown = notebook.cells[3].outputs[0].data
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "raw" in shown["text/html"]  # without a kernel, the tree is there too
    assert texts(notebook, 5).startswith("((15000, 12),\n array(")
    assert texts(notebook, 7).splitlines()[-1] == "+ 3.9e-07"
    assert texts(notebook, 9) == "[]"
    assert "kB  corrected.nwb.lindi.json\n" in texts(notebook, 11)
    assert texts(notebook, 13).startswith("3.9e-07 [[")


def test_the_use_cases(executed):
    notebook = executed(ROOT / "notebooks" / "use_cases.ipynb")
    assert "session_description: A mouse runs on a wheel" in texts(notebook, 3)
    assert "'u1': 'http://127.0.0.1:" in texts(notebook, 5)
    assert "orientation" in texts(notebook, 7)
    assert texts(notebook, 9) == "'new_value'"
    assert "acquisition/pressure" in texts(notebook, 11)
    assert "kB  extended.nwb.lindi.json" in texts(notebook, 13)
    read = texts(notebook, 15).splitlines()
    assert read[0] == "[0.         0.002      0.00399999]"
    assert read[-1].startswith("[[")


def test_writing(executed):
    notebook = executed(ROOT / "notebooks" / "writing.ipynb")
    assert texts(notebook, 3) == "((200, 8), [0.0, 1.0])"
    shown = texts(notebook, 5)
    assert shown.startswith("['latest']\n['lab', 'latest']\n")
    assert "Delete" not in shown
    assert texts(notebook, 7) == "lindi.json\n"
    assert texts(notebook, 9).startswith("(np.float64(3.9e-07),\n [[")
    assert texts(notebook, 11) == "()\n3.9e-07 False\n"
    assert texts(notebook, 13).startswith("[[77, ")
