"""The header by which the gateway knows CloudFront's requests: its contract, who sends it, who reads it."""
