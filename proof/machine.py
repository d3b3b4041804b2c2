"""On what it was measured."""

import os
import platform
import re
import sqlite3
import time
from pathlib import Path


def described() -> str:
    """The machine in a sentence, without its name."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = round(int(memory[1]) / 1024**2) if memory else 0
    return (
        f"Measured on {time.strftime('%Y-%m-%d')} with {os.cpu_count()} cores, {gigabytes} GB of memory,"
        f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}."
    )
