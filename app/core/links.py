"""Addresses of this board as mail and machines need them: whole, and signed where they stand for a person's word."""

from dataclasses import dataclass
from typing import Any

from app.core.paging import seal, unseal


@dataclass(frozen=True, slots=True)
class Links:
    """Builds addresses under `base_url`; `key` seals what they carry."""

    base_url: str
    key: bytes

    def url(self, path: str) -> str:
        """The whole address of a path on this board."""
        return self.base_url.rstrip("/") + path

    def token(self, purpose: str, *values: Any) -> str:
        """JSON-able `values` as one signed path segment, good for `purpose` only."""
        return seal(self.key, f"link:{purpose}", list(values))

    def values(self, purpose: str, token: str) -> list[Any]:
        """What `token` carries. Raises BadCursor unless this board signed it for `purpose`."""
        return unseal(self.key, f"link:{purpose}", token)
