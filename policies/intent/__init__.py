"""`platform.toml`: what a platform's owners intend and what cannot be found by looking.

The classes of these modules are the schema: their fields are the keys, their docstrings the documentation. A file that does not fit is a
usage error that names file, key and line.
"""
