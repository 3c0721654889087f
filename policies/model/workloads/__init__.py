"""Workloads and their pods: what they run, how they are secured, placed, scaled and ended."""
