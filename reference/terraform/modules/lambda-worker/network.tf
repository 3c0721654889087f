# The function calls two addresses and accepts nothing; names come from the VPC's resolver, which no security group keeps away.
resource "aws_security_group" "this" {
  name_prefix = "${var.name}-"
  description = "${var.name}: to the ticket service and the interface endpoints"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "ticket_service" {
  for_each = toset(var.ticket_service_cidr_blocks)

  security_group_id = aws_security_group.this.id
  description       = "The ticket service's internal load balancer"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = toset(var.vpc_endpoint_cidr_blocks)

  security_group_id = aws_security_group.this.id
  description       = "The interface endpoint of Secrets Manager"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
