# Values that are not known, or not what their attribute takes: nothing of it may pass, nothing may end in an error.

variable "any" {}
variable "list" { type = list(string) }
data "aws_vpc" "x" { default = true }
data "aws_availability_zones" "z" {}
resource "aws_vpc" "a" { cidr_block = var.any }
resource "aws_vpc" "b" { cidr_block = 5 }
resource "aws_vpc" "c" { cidr_block = ["10.0.0.0/16"] }
resource "aws_vpc" "d" { ipv4_ipam_pool_id = var.any }
resource "aws_vpc" "e" {
  count      = length(var.list)
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "app_1" {
  vpc_id     = aws_vpc.a.id
  cidr_block = var.any
}
resource "aws_subnet" "app_2" {
  vpc_id                  = aws_vpc.b.id
  cidr_block              = 7
  map_public_ip_on_launch = "maybe"
}
resource "aws_subnet" "db_3" {
  vpc_id     = aws_vpc.c.id
  cidr_block = null
}
resource "aws_subnet" "db_4" {
  vpc_id     = data.aws_vpc.x.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_subnet" "db_5" {
  vpc_id     = var.any
  cidr_block = "10.0.0.0/24"
}
resource "aws_subnet" "db_6" {
  count             = length(data.aws_availability_zones.z.names)
  vpc_id            = aws_vpc.e[0].id
  cidr_block        = cidrsubnet(aws_vpc.e[0].cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.z.names[count.index]
}
resource "aws_subnet" "cache_7" {
  for_each          = toset(data.aws_availability_zones.z.names)
  vpc_id            = aws_vpc.e[0].id
  cidr_block        = "10.0.9.0/24"
  availability_zone = each.value
}
resource "aws_subnet" "public_8" {
  vpc_id            = aws_vpc.d.id
  ipv4_ipam_pool_id = var.any
}
resource "aws_subnet" "public_9" {
  vpc_id     = aws_vpc.nothere.id
  cidr_block = "nonsense"
}
resource "aws_nat_gateway" "n" {
  subnet_id         = var.any
  connectivity_type = var.any
}
resource "aws_nat_gateway" "n2" { subnet_id = "subnet-1" }
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.a.id
  route  = var.list
}
resource "aws_route_table" "r2" {
  vpc_id = aws_vpc.a.id
  dynamic "route" {
    for_each = var.list
    content {
      cidr_block = route.value
      gateway_id = var.any
    }
  }
}
resource "aws_route_table" "r3" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "not a network"
    gateway_id = 5
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.app_1.id
  route_table_id = aws_route_table.r.id
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.app_2.id
  route_table_id = aws_route_table.r2.id
}
resource "aws_route_table_association" "c" {
  subnet_id      = aws_subnet.db_3.id
  route_table_id = aws_route_table.r3.id
}
resource "aws_route_table_association" "d" {
  subnet_id      = aws_subnet.db_4.id
  route_table_id = var.any
}
resource "aws_flow_log" "f" { vpc_id = var.any }
resource "aws_default_security_group" "g" {
  vpc_id  = aws_vpc.a.id
  ingress = var.list
}
resource "aws_eks_cluster" "k" {
  name                      = var.any
  version                   = ["x"]
  enabled_cluster_log_types = var.list
  vpc_config {
    endpoint_public_access = "yes"
    public_access_cidrs    = ["a", 5, null]
  }
  encryption_config { resources = "secrets" }
}
resource "aws_eks_cluster" "k2" {
  version                   = "latest"
  enabled_cluster_log_types = "audit"
  dynamic "vpc_config" {
    for_each = var.list
    content { endpoint_private_access = true }
  }
}
resource "aws_db_instance" "d" {
  backup_retention_period = "a week"
  multi_az                = []
  storage_encrypted       = var.any
  engine                  = ["x"]
}
resource "aws_rds_cluster" "c" {
  backup_retention_period = 7.5
  engine                  = var.any
}
resource "aws_rds_cluster_instance" "i" { cluster_identifier = var.any }
resource "aws_db_proxy" "p" {
  dynamic "auth" {
    for_each = var.list
    content { secret_arn = auth.value }
  }
}
resource "aws_elasticache_replication_group" "e" {
  num_cache_clusters = "many"
  engine             = var.any
  user_group_ids     = var.list
  auth_token         = { a = 1 }
}
resource "aws_secretsmanager_secret" "s" {
  name                    = ["x"]
  recovery_window_in_days = "soon"
  kms_key_id              = 5
}
resource "aws_secretsmanager_secret_version" "v" {
  secret_id     = 5
  secret_string = 5
}
resource "aws_secretsmanager_secret_version" "w" {
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = jsonencode([[[["a"]]]])
}
resource "aws_secretsmanager_secret_version" "x" { secret_id = aws_secretsmanager_secret.s.id }
