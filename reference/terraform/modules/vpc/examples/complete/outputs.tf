output "vpc_id" {
  description = "Id of the VPC."
  value       = module.vpc.vpc_id
}

output "subnet_ids" {
  description = "Ids of the subnets of each tier."
  value       = module.vpc.subnet_ids
}

output "tier_cidr_blocks" {
  description = "Addresses of each tier."
  value       = module.vpc.tier_cidr_blocks
}
