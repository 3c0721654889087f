# A VPC without modules: subnets one by one, routes in their tables, zones that have no name before an apply.

data "aws_availability_zones" "here" {}
resource "aws_vpc" "main" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "100.64.0.0/20"
}
resource "aws_internet_gateway" "gw" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "dmz" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = data.aws_availability_zones.here.names[count.index]
}
resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc_ipv4_cidr_block_association.more.vpc_id
  cidr_block        = "100.64.${count.index}.0/24"
  availability_zone = data.aws_availability_zones.here.names[count.index]
}
resource "aws_subnet" "mysql_a" {
  vpc_id               = aws_vpc.main.id
  cidr_block           = "10.1.20.0/24"
  availability_zone_id = "apne2-az1"
}
resource "aws_subnet" "mysql_b" {
  vpc_id               = aws_vpc.main.id
  cidr_block           = "10.1.21.0/24"
  availability_zone_id = "apne2-az2"
}
resource "aws_nat_gateway" "out" {
  count         = 2
  subnet_id     = element(aws_subnet.dmz[*].id, count.index)
  allocation_id = "eipalloc-0a1b2c3d"
}
resource "aws_route_table" "dmz" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.gw.id
  }
}
resource "aws_route_table" "private" {
  count  = 2
  vpc_id = aws_vpc.main.id
  route = [{
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.out[count.index].id
    gateway_id     = ""
  }]
}
resource "aws_route_table_association" "dmz" {
  count          = length(aws_subnet.dmz)
  subnet_id      = aws_subnet.dmz[count.index].id
  route_table_id = aws_route_table.dmz.id
}
resource "aws_route_table_association" "private" {
  count          = 2
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}
