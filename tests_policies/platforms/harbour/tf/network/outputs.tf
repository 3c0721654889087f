output "vpc" {
  description = "The VPC's id."
  value       = aws_vpc.harbour.id
}

output "subnets" {
  description = "Ids of the subnets by what they are for."
  value = {
    quay   = aws_subnet.quay[*].id
    deck   = aws_subnet.deck[*].id
    hold   = aws_subnet.hold[*].id
    galley = aws_subnet.galley[*].id
    radio  = [aws_subnet.radio_a.id, aws_subnet.radio_b.id]
  }
}
