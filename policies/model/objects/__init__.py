"""Objects of Kubernetes by themselves and by what they refer to."""
