"""Puts the tests' own modules where each test can import them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
