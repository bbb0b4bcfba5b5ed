mock_provider "aws" {
  source = "../../mocks"
}

run "no_range" {
  command = plan

  variables {
    vpc_cidr = "10.20.0.0"
  }

  expect_failures = [var.vpc_cidr]
}

run "an_address_within_a_range" {
  command = plan

  variables {
    vpc_cidr = "10.20.5.0/16"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_range_of_ipv6" {
  command = plan

  variables {
    vpc_cidr = "2001:db8::/32"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_range_too_large" {
  command = plan

  variables {
    vpc_cidr = "10.0.0.0/15"
  }

  expect_failures = [var.vpc_cidr]
}

run "a_range_too_small" {
  command = plan

  variables {
    vpc_cidr = "10.20.0.0/19"
  }

  expect_failures = [var.vpc_cidr]
}

run "the_smallest_range_holds_three_zones" {
  command = plan

  variables {
    vpc_cidr = "10.20.64.0/18"
    az_count = 3
  }

  assert {
    condition     = length(distinct([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.cidr_block])) == 6
    error_message = "Six subnets fit."
  }
}

run "one_zone" {
  command = plan

  variables {
    az_count = 1
  }

  expect_failures = [var.az_count]
}

run "four_zones" {
  command = plan

  variables {
    az_count = 4
  }

  expect_failures = [var.az_count]
}

run "a_region_with_too_few_zones" {
  command = plan

  variables {
    az_count = 3
  }

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["us-west-1a", "us-west-1c"] }
  }

  expect_failures = [data.aws_availability_zones.available]
}

run "a_span_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    flow_log_retention_days = 31
  }

  expect_failures = [var.flow_log_retention_days]
}

run "a_range_of_ipv6_of_the_right_length" {
  command = plan

  variables {
    vpc_cidr = "2001::/16"
  }

  expect_failures = [var.vpc_cidr]
}
