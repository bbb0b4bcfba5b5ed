mock_provider "aws" {
  source = "../../mocks"
}

run "two_zones_by_default" {
  assert {
    condition     = tomap({ for zone, subnet in aws_subnet.private : zone => subnet.cidr_block }) == tomap({ us-east-1a = "10.20.0.0/20", us-east-1b = "10.20.16.0/20" })
    error_message = "Each zone has a private sixteenth of the range."
  }

  assert {
    condition     = tomap({ for zone, subnet in aws_subnet.public : zone => subnet.cidr_block }) == tomap({ us-east-1a = "10.20.240.0/24", us-east-1b = "10.20.241.0/24" })
    error_message = "Each zone has a public 256th of the range."
  }

  assert {
    condition     = !anytrue([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.map_public_ip_on_launch])
    error_message = "Nothing gets a public address unasked."
  }
}

run "load_balancers_find_their_subnets" {
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.tags["kubernetes.io/role/elb"] == "1" && !contains(keys(subnet.tags), "kubernetes.io/role/internal-elb")])
    error_message = "Public subnets are tagged for load balancers that the internet reaches, and for no other."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.tags["kubernetes.io/role/internal-elb"] == "1" && !contains(keys(subnet.tags), "kubernetes.io/role/elb")])
    error_message = "Private subnets are tagged for internal load balancers, and for no other."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.tags["kubernetes.io/cluster/carepath-test"] == "shared"])
    error_message = "Every subnet names the cluster that may use it."
  }
}

run "one_nat_gateway_serves_all_zones" {
  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"]
    error_message = "single_nat_gateway makes one."
  }

  assert {
    condition     = alltrue([for route in aws_route.private_nat : route.nat_gateway_id == aws_nat_gateway.this["us-east-1a"].id])
    error_message = "Every zone's way out leads through it."
  }

  assert {
    condition     = tomap(output.nat_public_ips) == tomap({ us-east-1a = aws_eip.nat["us-east-1a"].public_ip })
    error_message = "Its address is told."
  }
}

run "each_zone_has_its_own_nat_gateway" {
  variables {
    az_count           = 3
    single_nat_gateway = false
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    error_message = "There is one for each zone."
  }

  assert {
    condition = alltrue([for zone, route in aws_route.private_nat :
      route.nat_gateway_id == aws_nat_gateway.this[zone].id && aws_nat_gateway.this[zone].subnet_id == aws_subnet.public[zone].id
    ])
    error_message = "No zone's way out leads through another zone."
  }

  assert {
    condition     = output.nat_public_ips == { for zone, address in aws_eip.nat : zone => address.public_ip }
    error_message = "All addresses are told."
  }
}

run "the_ways_in_and_out" {
  assert {
    condition     = aws_route.public_internet.gateway_id == aws_internet_gateway.this.id && aws_route.public_internet.destination_cidr_block == "0.0.0.0/0"
    error_message = "The public side reaches the internet by the gateway."
  }

  assert {
    condition     = toset(aws_vpc_endpoint.s3.route_table_ids) == toset([for table in aws_route_table.private : table.id]) && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "Every private zone reaches S3 past the NAT gateway."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.service_name == "com.amazonaws.us-east-1.s3"
    error_message = "The endpoint is the region's own."
  }

  assert {
    condition     = aws_default_security_group.this.vpc_id == aws_vpc.this.id
    error_message = "The default security group is taken over, so that its rules go."
  }
}

run "flow_logs_are_off_unless_asked_for" {
  assert {
    condition     = length(aws_flow_log.this) + length(aws_cloudwatch_log_group.flow) + length(aws_iam_role.flow) == 0
    error_message = "Nothing of them is made."
  }
}

run "flow_logs_tell_of_all_traffic" {
  variables {
    enable_flow_logs = true
  }

  assert {
    condition     = aws_flow_log.this[0].traffic_type == "ALL" && aws_flow_log.this[0].log_destination == aws_cloudwatch_log_group.flow[0].arn
    error_message = "Accepted and refused traffic goes to the log group."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow[0].retention_in_days == 30
    error_message = "It is kept for thirty days."
  }
}

run "outputs" {
  assert {
    condition     = output.vpc_id == aws_vpc.this.id && output.vpc_cidr == "10.20.0.0/16"
    error_message = "The VPC and its range are told."
  }

  assert {
    condition     = length(output.private_subnet_ids) == 2 && length(output.public_subnet_ids) == 2 && length(setintersection(output.private_subnet_ids, output.public_subnet_ids)) == 0
    error_message = "The subnets are told, private and public apart."
  }
}
