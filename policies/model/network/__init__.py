"""Who reaches whom: NetworkPolicies by Kubernetes' own semantics, and the connections that the platform needs."""
