output "secret_arns" {
  description = "ARN of each secret."
  value       = module.secrets.secret_arns
}
