mock_provider "aws" {
  source = "../../mocks"
}

run "a_version_out_of_standard_support" {
  command = plan

  variables {
    cluster_version = "1.34"
  }

  expect_failures = [var.cluster_version]
}

run "a_version_with_its_patch" {
  command = plan

  variables {
    cluster_version = "1.35.2"
  }

  expect_failures = [var.cluster_version]
}

run "subnets_of_one_zone" {
  command = plan

  variables {
    private_subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa"]
  }

  expect_failures = [var.private_subnet_ids]
}

run "an_api_for_nobody_named" {
  command = plan

  variables {
    public_access_cidrs = []
  }

  expect_failures = [var.public_access_cidrs]
}

run "an_api_for_an_address_not_a_range" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.7"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "an_api_for_everybody" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.0/24", "0.0.0.0/0"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "an_administrator_by_an_assumed_role" {
  command = plan

  variables {
    admin_principal_arns = ["arn:aws:sts::123456789012:assumed-role/operators/someone"]
  }

  expect_failures = [var.admin_principal_arns]
}

run "no_instance_type" {
  command = plan

  variables {
    node_instance_types = []
  }

  expect_failures = [var.node_instance_types]
}

run "an_unknown_capacity_type" {
  command = plan

  variables {
    node_capacity_type = "CHEAP"
  }

  expect_failures = [var.node_capacity_type]
}

run "no_node" {
  command = plan

  variables {
    node_scaling = { min = 0, desired = 2, max = 4 }
  }

  expect_failures = [var.node_scaling]
}

run "fewer_nodes_than_the_minimum" {
  command = plan

  variables {
    node_scaling = { min = 2, desired = 1, max = 4 }
  }

  expect_failures = [var.node_scaling]
}

run "more_nodes_than_the_maximum" {
  command = plan

  variables {
    node_scaling = { min = 2, desired = 5, max = 4 }
  }

  expect_failures = [var.node_scaling]
}

run "a_disk_too_small" {
  command = plan

  variables {
    node_disk_gib = 19
  }

  expect_failures = [var.node_disk_gib]
}

run "an_addon_unpinned" {
  command = plan

  variables {
    addon_versions = {
      coredns    = "v1.13.2-eksbuild.31"
      kube-proxy = "v1.35.3-eksbuild.29"
      vpc-cni    = "v1.22.4-eksbuild.3"
    }
  }

  expect_failures = [var.addon_versions]
}

run "an_addon_pinned_to_latest" {
  command = plan

  variables {
    addon_versions = {
      coredns        = "latest"
      kube-proxy     = "v1.35.3-eksbuild.29"
      metrics-server = "v0.9.0-eksbuild.6"
      vpc-cni        = "v1.22.4-eksbuild.3"
    }
  }

  expect_failures = [var.addon_versions]
}

run "a_kube_proxy_of_another_minor" {
  command = plan

  variables {
    addon_versions = {
      coredns        = "v1.13.2-eksbuild.31"
      kube-proxy     = "v1.34.1-eksbuild.2"
      metrics-server = "v0.9.0-eksbuild.6"
      vpc-cni        = "v1.22.4-eksbuild.3"
    }
  }

  expect_failures = [var.addon_versions]
}

run "an_api_for_everybody_asked_for_by_name" {
  command = plan

  variables {
    public_access_cidrs = ["0.0.0.0/0"]
    allow_public_api    = true
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["0.0.0.0/0"])
    error_message = "Who asks for it gets it."
  }
}

run "an_api_for_a_range_of_ipv6" {
  command = plan

  variables {
    public_access_cidrs = ["2001:db8::/32"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "an_api_for_an_address_within_a_range" {
  command = plan

  variables {
    public_access_cidrs = ["203.0.113.7/24"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "half_a_node" {
  command = plan

  variables {
    node_scaling = { min = 1.5, desired = 2, max = 4 }
  }

  expect_failures = [var.node_scaling]
}

run "a_span_that_cloudwatch_does_not_know" {
  command = plan

  variables {
    log_retention_days = 31
  }

  expect_failures = [var.log_retention_days]
}

run "an_api_for_both_halves_of_everybody" {
  command = plan

  variables {
    public_access_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }

  expect_failures = [var.public_access_cidrs]
}
