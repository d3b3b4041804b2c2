"""Exit 0 while the web process on this machine answers at $BIND: for a container's health check."""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main() -> int:
    """Ask for /healthz under the board's own name, for it refuses every other."""
    port = int(os.environ.get("BIND", "127.0.0.1:8000").rsplit(":", 1)[1])
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        web.request("GET", "/healthz", headers={"Host": urlsplit(os.environ["BASE_URL"]).netloc})
        return 0 if web.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException) as error:
        print(f"The web process does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
