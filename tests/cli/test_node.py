"""`evalsuite doctor` on a node with GPUs, which a script in place of nvidia-smi plays."""

import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from evalsuite.backends import gpus
from evalsuite.backends.embedded.checkpoint import SHIPPED
from evalsuite.cli import node
from evalsuite.cli.doctor_command import command

# As nvidia-smi of driver 580 prints the fields that are asked for.
CARD = "{n}, GPU-{n}db404d7b-78e3, NVIDIA B200, 183359, {used}, 580.159.04\n"


@pytest.fixture
def cards(tmp_path, monkeypatch):
    """cards(*used): a nvidia-smi that shows a card for each number of used MiB."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def show(*used):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        lines = "".join(CARD.format(n=n, used=one) for n, one in enumerate(used))
        (folder / "cards.csv").write_text(lines)
        script = folder / "nvidia-smi"
        fields = ",".join(gpus.FIELDS)
        script.write_text(
            f'#!/bin/sh\n[ "$1" = "--query-gpu={fields}" ] && cat {folder}/cards.csv || exit 6\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    return show


@pytest.fixture
def package(tmp_path, monkeypatch):
    """package(code): a tensorrt_llm of that code can be imported by new processes."""

    def make(code):
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "tensorrt_llm.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
        monkeypatch.setattr(node, "installed", lambda: True)

    return make


def look(tmp_path, *checkpoints, count=None):
    """What is found, by name."""
    found = node.node_findings(
        checkpoints=[str(one) for one in checkpoints], count=count, results=tmp_path
    )
    return {one.name: one for one in found}


def test_a_free_node_is_ready(tmp_path, cards, package):
    """Eight idle cards, a package that imports, a checkpoint that is whole and fits."""
    cards(*[3] * 8)
    package("import os\n__version__ = '1.2.1'\nprint('[TensorRT-LLM] hello')")
    found = look(tmp_path, SHIPPED / "nvfp4")

    assert found["gpu"].found == "8 × NVIDIA B200, 179 GiB each, driver 580.159.04"
    assert found["tensorrt_llm"].found == "1.2.1"
    assert found["checkpoint nvfp4 on 8 GPU(s)"].status == "ok"
    assert not [one for one in found.values() if one.status == "failed"]


def test_usage_reports_are_off_while_it_looks(tmp_path, package):
    """Not even a doctor's visit is told to anybody."""
    package("import os\n__version__ = '1.' + os.environ['TRTLLM_NO_USAGE_STATS']")
    assert look(tmp_path)["tensorrt_llm"].found == "1.1"


@pytest.mark.parametrize(
    ("code", "status", "found"),
    [
        ("raise ImportError('libmpi.so.40: cannot open')", "failed", "libmpi.so.40"),
        ("__version__ = '0.17.0'", "absent", "0.17.0"),
        ("import time; time.sleep(60)", "failed", "does not import within"),
    ],
)
def test_a_package_that_does_not_import_is_named(
    tmp_path, package, monkeypatch, code, status, found
):
    """With the last line of what it says, and the container to use."""
    monkeypatch.setattr(node, "IMPORT_S", 3.0)
    package(code)
    one = look(tmp_path)["tensorrt_llm"]
    assert one.status == status
    assert found in one.found
    assert one.fix


def test_cards_in_use_and_too_few_or_small_ones_are_named(tmp_path, cards, monkeypatch):
    """Each with what to do."""
    cards(3, 150_000)
    found = look(tmp_path, SHIPPED / "fp8", count=8)
    assert "GPU 1: 150000 of 183359 MiB" in found["gpu"].found
    assert found["gpu"].fix
    assert found["checkpoint fp8 on 8 GPU(s)"].found.startswith("needs 8 GPUs")

    cards(3)
    whole = node.inspect(SHIPPED / "fp8")
    large = SimpleNamespace(
        bytes=400 * 2**30, precision="fp8", shards=163, conflicts=whole.conflicts
    )
    monkeypatch.setattr(node, "inspect", lambda _: large)
    one = look(tmp_path, SHIPPED / "fp8")["checkpoint fp8 on 1 GPU(s)"]
    assert (one.status, one.found) == (
        "failed",
        (
            "the weights take 400 GiB of each of 1 GPUs, which have 179 GiB; "
            "take more GPUs or a smaller checkpoint"
        ),
    )


def test_only_visible_cards_count(tmp_path, cards, monkeypatch):
    """As CUDA reads CUDA_VISIBLE_DEVICES."""
    cards(3, 4, 5)
    for value, indices in (
        ("2,0", [2, 0]),
        ("GPU-1db", [1]),
        ("0,9,1", [0]),
        ("", []),
        ("-1", []),
    ):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
        assert [one.index for one in gpus.gpus({"CUDA_VISIBLE_DEVICES": value})] == indices


def test_checkpoints_that_are_damaged_or_not_here_fail(tmp_path, monkeypatch):
    """A cut-off file, a missing shard, a model id that was never downloaded."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    broken = tmp_path / "broken"
    shutil.copytree(SHIPPED / "fp8", broken)
    (broken / "model.safetensors").write_bytes(b"\xff" * 100)
    found = look(tmp_path, broken, "nvidia/DeepSeek-R1-FP4")

    assert found["checkpoint broken"].status == "failed"
    assert "hf download nvidia/DeepSeek-R1-FP4" in found["checkpoint DeepSeek-R1-FP4"].fix


def test_a_checkpoint_whose_files_disagree_is_named(tmp_path):
    """The tensors are FP8 and a file says NVFP4."""
    folder = tmp_path / "silent"
    shutil.copytree(SHIPPED / "fp8", folder)
    said = {"quantization": {"quant_algo": "NVFP4"}}
    (folder / "hf_quant_config.json").write_text(json.dumps(said))
    one = look(tmp_path, folder)["checkpoint silent"]

    assert "hf_quant_config.json says NVFP4, the tensors are fp8" in one.found
    assert "evalsuite inspect" in one.fix


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("a / ext4 rw 0 0\nb {place} lustre rw 0 0\n", "lustre"),
        ("a / ext4 rw 0 0\nb /elsewhere nfs4 rw 0 0\n", "ext4"),
        ("a / overlay rw 0 0\nc {place} nfs4 rw 0 0\nd {place} ext4 rw 0 0\n", "ext4"),
        ("", "unknown"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(tmp_path, mounts, kind):
    """Of the folder that would be made, too; what is mounted last counts."""
    table = tmp_path / "mounts"
    table.write_text(mounts.format(place=tmp_path))
    assert node.file_system(tmp_path / "not" / "made" / "yet", table) == kind


def test_a_shared_file_system_is_warned_of(tmp_path, monkeypatch):
    """For results and for checkpoints, each with what it means."""
    monkeypatch.setattr(node, "file_system", lambda _: "nfs4")
    found = look(tmp_path, SHIPPED / "fp8")
    assert "copied when the run is done" in found["results' file system"].fix
    assert "local disk" in found["file system of fp8"].fix


def test_a_containers_small_limits_are_named(tmp_path, cards, monkeypatch):
    """Docker's 64 MB of shared memory, and locked memory."""
    cards(3)
    small = SimpleNamespace(f_blocks=16_384, f_frsize=4_096)
    monkeypatch.setattr(node.os, "statvfs", lambda _: small)
    monkeypatch.setattr(node.resource, "getrlimit", lambda _: (2**26, 2**26))
    found = look(tmp_path)

    assert "--ipc=host" in found["shared memory"].fix
    assert "memlock=-1" in found["locked memory"].fix


def test_the_command_fails_for_a_checkpoint_that_cannot_be_loaded(tmp_path):
    """Only if one is named; every line that is not ok says what to do."""
    data = Path(__file__).parents[1] / "questions" / "data"
    words = ["--data", data, "--results", tmp_path, "--checkpoint", SHIPPED / "fp8", "--json"]
    done = CliRunner().invoke(command, [str(one) for one in words], catch_exceptions=False)
    found = json.loads(done.stdout)

    assert done.exit_code == 1
    assert {one["name"] for one in found if one["status"] == "failed"} >= {
        "checkpoint fp8 on 1 GPU(s)"
    } or shutil.which("nvidia-smi")
    assert all(one["fix"] for one in found if one["status"] != "ok")
