output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Subnets of the load balancers, one in each zone."
  value       = [for subnet in aws_subnet.public : subnet.id]

  depends_on = [aws_route.public_internet, aws_route_table_association.public]
}

# What runs here needs its way out from its first second to its last, so the
# routes come before it and go after it; the NAT gateways' own order does the
# same for the public side, where its load balancer lies.
output "private_subnet_ids" {
  description = "Subnets of nodes and pods, one in each zone."
  value       = [for subnet in aws_subnet.private : subnet.id]

  depends_on = [aws_route.private_nat, aws_route_table_association.private]
}

output "nat_public_ips" {
  description = "Zone -> address its traffic to the internet comes from. The zones are known at plan, the addresses are not."
  value       = { for zone, address in aws_eip.nat : zone => address.public_ip }
}
