"""Documents to the domain: the subjects that requirements are judged on. Nothing here opens a file.

Each folder is a part of the domain: `overlays` and `objects` (how Kubernetes' objects come about, and whether they are whole), `workloads`,
`configuration`, `servers` (Kafka and Redis), `network` (who reaches whom), `secrets`; `terraform` (as it is written), `cloud` (what it comes to),
`delivery` (CloudFront), `header` (the contract between CloudFront and the gateway); `drift` (what runs against what is declared).
"""
