"""Execution providers: chosen by name, refused with a list, told in every result."""

import json

import onnxruntime
import pytest
from click.testing import CliRunner

from edge_runtime import load_bundle
from edge_runtime.commands.main import main
from edge_runtime.engine.onnx import Session, installed_provider
from edge_runtime.engine.open import open_session
from edge_runtime.engine.options import CPU, EngineOptions
from edge_runtime.errors import ProviderFailedError, ProviderMissingError

CUDA = "CUDAExecutionProvider"


@pytest.mark.parametrize("name", ["CPU", "cpu", "CPUExecutionProvider", "cpuexecutionprovider"])
def test_a_provider_may_be_named_in_short_and_in_any_case(name):
    assert installed_provider(name) == CPU


def test_any_provider_that_is_installed_may_be_named(monkeypatch):
    names = ["TensorrtExecutionProvider", CUDA, "CoreMLExecutionProvider", CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: names)
    for name in names:
        assert installed_provider(name) == name
        assert installed_provider(name.removesuffix("ExecutionProvider").upper()) == name


def test_one_that_isnt_installed_is_refused_with_those_that_are(exported):
    with pytest.raises(ProviderMissingError) as refused:
        open_session(load_bundle(exported), EngineOptions(provider="CUDA"))
    assert refused.value.available == tuple(onnxruntime.get_available_providers())
    assert all(name in str(refused.value) for name in refused.value.available)


def test_the_command_refuses_it_before_any_work(exported, photo_file, tmp_path):
    out = tmp_path / "out"
    arguments = [str(photo_file), "--bundle", str(exported), "--provider", "CUDA"]
    result = CliRunner().invoke(main, ["predict", *arguments, "--out", str(out)])
    assert result.exit_code == 1
    assert "no execution provider 'CUDA': choose one of" in result.stderr
    assert "CPUExecutionProvider" in result.stderr
    assert not out.exists()


class Stub:
    """An ONNX Runtime session that tells other providers than the ones it was asked for."""

    asked = None
    taken = (CPU,)

    def __init__(self, file, options, *, providers, enable_fallback):
        Stub.asked = providers
        assert not enable_fallback  # it would print on stdout and go on with another provider

    def get_providers(self):
        return list(self.taken)


def test_a_provider_that_onnx_runtime_leaves_out_is_an_error_and_not_the_cpu_unsaid(
    exported, monkeypatch
):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "InferenceSession", Stub)
    with pytest.raises(ProviderFailedError, match="left it out"):
        Session(load_bundle(exported), EngineOptions(provider="cuda"))
    assert Stub.asked == [CUDA, CPU]


def test_a_provider_that_fails_to_start_is_one_sentence(exported, monkeypatch):
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    def fail(*arguments, **options):
        raise errors.EPFail("no device\nand a second line")

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "InferenceSession", fail)
    with pytest.raises(ProviderFailedError) as failed:
        Session(load_bundle(exported), EngineOptions(provider="cuda"))
    assert "no device" in str(failed.value)
    assert "second line" not in str(failed.value)


def test_another_provider_than_the_cpu_uses_no_cache(exported, tmp_path):
    others = [name for name in onnxruntime.get_available_providers() if name != CPU]
    for name in others:  # the wheel for a PC has one that runs everything on the CPU
        session = Session(
            load_bundle(exported), EngineOptions(provider=name, cache=tmp_path / "cache")
        )
        assert session.providers == (name, CPU)
    assert not (tmp_path / "cache").exists()


def test_every_record_tells_the_providers_that_were_used(exported, photo_file, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    arguments = [str(photo_file), str(tmp_path / "broken.jpg"), "--bundle", str(exported), "--json"]
    result = CliRunner().invoke(main, ["predict", *arguments])
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["status"] for record in records] == ["ok", "error"]
    assert all(record["model"]["providers"] == [CPU] for record in records)
