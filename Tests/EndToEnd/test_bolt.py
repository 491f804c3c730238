"""The log index held against the original bolt library."""

import subprocess
import time

from processes import http


def test_the_original_library_finds_the_index_sound(launch, tmp_path, boltcheck):
    server, base = launch.server("logs", tmp_path / "data")
    for batch in range(5):
        streams = [
            {"stream": {"app": f"app-{i}", "batch": str(batch)}, "values": [[str(time.time_ns()), "line"]]} for i in range(200)]
        assert http("POST", base + "/loki/api/v1/push", {"streams": streams}).status == 204
    assert server.stop() == 0
    files = [path for path in (tmp_path / "data").rglob("*") if path.suffix in (".bolt", ".db")]
    assert files, "no index file was written"
    done = subprocess.run([boltcheck, *files], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # A chunk of streams, under its run.
    assert "streams".encode().hex() + "/00000001" in done.stdout
