output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr_block" {
  description = "Addresses of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "subnet_ids" {
  description = "Ids of the subnets of each tier, in the order of the zones."
  value       = { for tier in keys(var.tiers) : tier => [for zone in var.zones : aws_subnet.this["${tier}-${zone}"].id] }
}

output "tier_cidr_blocks" {
  description = "Addresses of each tier."
  value       = local.tier_blocks
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints."
  value       = aws_security_group.endpoints.id
}

output "nat_addresses" {
  description = "Addresses that the app subnets have in the internet, by zone."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}
