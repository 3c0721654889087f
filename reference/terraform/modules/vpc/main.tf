# A VPC in tiers: each a block of its own, cut into one subnet a zone.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = regex("^(.+[0-9])[a-z]$", var.zones[0])[0]

  tier_blocks = { for tier, block in var.tiers : tier => cidrsubnet(var.cidr_block, block.newbits, block.netnum) }

  # Two bits for the zone: four at most.
  subnets = merge([
    for tier, block in local.tier_blocks : {
      for index, zone in var.zones : "${tier}-${zone}" => {
        tier       = tier
        zone       = zone
        cidr_block = cidrsubnet(block, 2, index)
      }
    }
  ]...)

  # Where the AWS Load Balancer Controller looks for subnets.
  tier_tags = {
    public   = { "kubernetes.io/role/elb" = "1" }
    internal = { "kubernetes.io/role/internal-elb" = "1" }
  }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# No address is given out by itself: the load balancers and the NAT gateways bring theirs.
resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.value.zone
  cidr_block              = each.value.cidr_block
  map_public_ip_on_launch = false

  tags = merge({ Name = "${var.name}-${each.key}", Tier = each.value.tier }, lookup(local.tier_tags, each.value.tier, {}))
}

# What is put into the VPC without a security group reaches nobody.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default" }
}
