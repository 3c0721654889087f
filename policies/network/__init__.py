"""What `turnstile network` shows: the matrix, why one connection passes or not, and what differs between two networks."""
