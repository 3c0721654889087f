"""What an attacker, or a bad day, sends: each function makes from one visit a batch of requests, each of a named class."""
