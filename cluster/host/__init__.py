"""The machine's side of the cluster: what it needs, how it is built, started and removed. Standard library only."""
