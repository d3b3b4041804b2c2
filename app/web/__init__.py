"""HTTP: one door an audience. Doors never import each other."""

from flask import Flask

from app.core.settings import Settings
from app.web import bootstrap


def install(app: Flask, settings: Settings) -> None:
    """Put the doors and the plumbing behind them on the application."""
    bootstrap.install(app, settings)
