"""The cache: query results as plain data, never views. Keys name the version of what they hold."""

from flask_caching import Cache

cache = Cache()
