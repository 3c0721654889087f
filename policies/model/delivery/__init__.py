"""CloudFront: distributions, behaviours, origins, and what request an origin gets."""
