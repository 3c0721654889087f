"""The worker, run for real: generated batches of a queue, an HTTP server of the tests that is all of its network, an independent oracle."""
