# Clients reach the proxy, the proxy the database; without a proxy, clients reach the database.

locals {
  clients_of_proxy    = { for name, id in var.client_security_group_ids : name => id if var.proxy != null }
  clients_of_database = { for name, id in var.client_security_group_ids : name => id if var.proxy == null }
}

resource "aws_security_group" "database" {
  name_prefix = "${var.name}-database-"
  description = "The database ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "database_clients" {
  for_each = local.clients_of_database

  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL: ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "database_proxy" {
  count = var.proxy == null ? 0 : 1

  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL: the proxy"
  referenced_security_group_id = aws_security_group.proxy[0].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_security_group" "proxy" {
  count = var.proxy == null ? 0 : 1

  name_prefix = "${var.name}-proxy-"
  description = "The proxy of the database ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-proxy" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "proxy_clients" {
  for_each = local.clients_of_proxy

  security_group_id            = aws_security_group.proxy[0].id
  description                  = "PostgreSQL: ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "proxy_database" {
  count = var.proxy == null ? 0 : 1

  security_group_id            = aws_security_group.proxy[0].id
  description                  = "PostgreSQL: the database"
  referenced_security_group_id = aws_security_group.database.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}
