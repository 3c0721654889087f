"""The platform's real gateway, run on a loopback of its own, and whether it agrees with the edge."""
