"""Where secrets are kept, and where they must not stand."""
