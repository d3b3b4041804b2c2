"""What goes out whole: Indeed's XML and the sitemap, sent to nobody, and how far memory grows meanwhile."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.caller import Caller
from bench.timing import Figure, repeated

INDEED, SITEMAP = "/feeds/indeed.xml", "/sitemap.xml"
_ADDRESS = re.compile(rb"<loc>https?://[^/]*(/[^<]*)</loc>")


def measured(name: str, engine: str, size: str) -> dict[str, Any]:
    """Each of them from its first byte to its last, in the order a fresh process meets them."""
    from bench import product

    call = Caller(product.standing(engine, size))
    call.get("/healthz")
    found: dict[str, Any] = {"before": held("VmRSS")}
    found["indeed"] = _sent(call, [INDEED])
    found["indeed_gzip"] = _sent(call, [INDEED], HTTP_ACCEPT_ENCODING="gzip")
    found["sitemap_index"] = _sent(call, [SITEMAP])
    found["sitemap"] = _sent(call, parts(call))
    found |= {"unchanged": _unchanged(call, INDEED), "unchanged_sitemap": _unchanged(call, SITEMAP)}
    return found


def parts(call: Caller) -> list[str]:
    """The paths that the sitemap's index names."""
    return [path.decode() for path in _ADDRESS.findall(call.get(SITEMAP).body)]


def held(kind: str) -> float:
    """MB this process holds: VmRSS now, or VmHWM at the most."""
    found = re.search(rf"^{kind}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return int(found[1]) / 1024 if found else 0.0


def _sent(call: Caller, paths: Sequence[str], **environ: str) -> dict[str, Any]:
    """Bytes, seconds, seconds of this process's own work, and by how many MB its memory grew at its peak."""
    sizes: list[int] = []
    before = held("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # its peak is counted from here
    began, worked = time.perf_counter(), time.process_time()
    for path in paths:
        call.sent(path, lambda part: sizes.append(len(part)), **environ)
    return {
        "seconds": time.perf_counter() - began, "worked": time.process_time() - worked, "bytes": sum(sizes),
        "answers": len(paths), "grew": held("VmHWM") - before, "peak": held("VmHWM"),
    }  # fmt: skip


def _unchanged(call: Caller, path: str) -> Figure:
    """Milliseconds to hear that one has it all already. Raises RuntimeError where it is sent again."""
    tag = call.sent(path, len, REQUEST_METHOD="HEAD").headers["etag"]

    def ask() -> None:
        if call.sent(path, len, HTTP_IF_NONE_MATCH=tag).status != 304:
            raise RuntimeError(f"{path} was sent again.")

    return repeated(ask)
