"""Kafka and Redis, as a platform runs them."""
