resource "aws_internet_gateway" "sea" {
  vpc_id = aws_vpc.harbour.id
}

# What no association names takes this one: the subnets of databases, caches and brokers.
resource "aws_default_route_table" "inland" {
  default_route_table_id = aws_vpc.harbour.default_route_table_id
  route                  = []
}

resource "aws_route_table" "quay" {
  vpc_id = aws_vpc.harbour.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.sea.id
  }
}

resource "aws_route_table_association" "quay" {
  count = length(aws_subnet.quay)

  subnet_id      = aws_subnet.quay[count.index].id
  route_table_id = aws_route_table.quay.id
}

resource "aws_eip" "out" {
  domain = "vpc"
}

# One for both zones: the second is paid for when the winter timetable is over.
resource "aws_nat_gateway" "out" {
  allocation_id = aws_eip.out.id
  subnet_id     = aws_subnet.quay[0].id
}

resource "aws_route_table" "deck" {
  vpc_id = aws_vpc.harbour.id

  dynamic "route" {
    for_each = { all = aws_nat_gateway.out.id }

    content {
      cidr_block     = "0.0.0.0/0"
      nat_gateway_id = route.value
    }
  }
}

resource "aws_route_table_association" "deck" {
  count = 2

  subnet_id      = element(aws_subnet.deck[*].id, count.index)
  route_table_id = aws_route_table.deck.id
}

resource "aws_s3_bucket" "flow" {
  bucket = "harbour-flow-206318840177"
}

resource "aws_s3_bucket_public_access_block" "flow" {
  bucket                  = aws_s3_bucket.flow.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_flow_log" "refused" {
  vpc_id               = aws_vpc.harbour.id
  traffic_type         = "REJECT"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.flow.arn
}
