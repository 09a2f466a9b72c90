"""docs/engines.md tells the truth: its example, put into place, answers."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from labcloud.cloud import Cloud
from labcloud.errors import AWSError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cloud_with_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/engines.md").read_text(), re.DOTALL)
    module = types.ModuleType("labcloud.engines.kms")
    exec(blocks[0], module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    registered: dict[str, Any] = {}
    exec(blocks[1], registered)
    monkeypatch.setitem(
        __import__("labcloud.engine").engine.ENGINES, "kms", registered["ENGINES"]["kms"]
    )
    cloud = Cloud(tmp_path)
    yield cloud
    cloud.stop()


def test_the_example_does_its_work(cloud_with_example: Cloud) -> None:
    made = cloud_with_example.call("kms", "GenerateRandom", {"NumberOfBytes": 16})
    assert len(made["Plaintext"]) == 16
    with pytest.raises(AWSError, match="between 1 and 1024"):
        cloud_with_example.call("kms", "GenerateRandom", {"NumberOfBytes": 0})


def test_what_it_does_not_do_stays_with_moto(cloud_with_example: Cloud) -> None:
    key = cloud_with_example.call("kms", "CreateKey")["KeyMetadata"]["KeyId"]
    assert cloud_with_example.call("kms", "DescribeKey", {"KeyId": key})["KeyMetadata"]["Enabled"]


def test_coverage_is_read_off_the_class(cloud_with_example: Cloud) -> None:
    from labcloud.coverage import kind_of

    assert kind_of("kms", "GenerateRandom") == "executed"
    assert kind_of("kms", "CreateKey") == "kept"


def test_an_engines_failure_is_an_aws_shaped_500_and_a_log_line(
    cloud_with_example: Cloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from labcloud.gateway import Gateway
    from labcloud.http import BytesBody, Headers, Request

    engine = cloud_with_example.engine("kms")
    monkeypatch.setattr(engine, "generate_random", lambda request, context: 1 / 0, raising=False)
    scope = "test/20260101/us-east-1/kms/aws4_request"
    headers = Headers(
        [
            ("Host", "127.0.0.1"),
            ("Content-Type", "application/x-amz-json-1.1"),
            ("X-Amz-Target", "TrentService.GenerateRandom"),
            ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=h, Signature=0"),
        ]
    )
    gateway = Gateway(cloud_with_example)
    response = gateway.handle(Request("POST", "/", "", headers, BytesBody(b"{}")))
    assert response.status == 500
    assert b'"__type": "InternalFailure"' in response.body  # type: ignore[operator]
    assert "ZeroDivisionError" in caplog.text
