output "cluster_name" {
  description = "Name of the cluster."
  value       = module.eks.cluster_name
}

output "oidc_issuer" {
  description = "Issuer of service account tokens."
  value       = module.eks.oidc_issuer
}
