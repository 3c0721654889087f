"""What acts: clusters, twins, probes."""
