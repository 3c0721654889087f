"""What overlays are built from, and how a release is made."""
