output "configuration_endpoint" {
  description = "Host name from which clients learn of all nodes."
  value       = module.elasticache.configuration_endpoint
}
