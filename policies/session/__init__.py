"""A run of pytest over a platform."""
