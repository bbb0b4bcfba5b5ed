mock_provider "aws" {
  source = "../../mocks"
}

run "the_api_is_reached_from_given_ranges_only" {
  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "From outside, the given ranges reach the API and nobody else."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access
    error_message = "Nodes reach the API within the VPC."
  }
}

run "secrets_are_encrypted_with_the_clusters_own_key" {
  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.this.arn
    error_message = "Kubernetes Secrets are encrypted by KMS."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key changes once a year."
  }
}

run "the_control_plane_keeps_all_its_logs" {
  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "All five kinds are logged."
  }

  assert {
    condition     = aws_cloudwatch_log_group.cluster.name == "/aws/eks/carepath-test/cluster" && aws_cloudwatch_log_group.cluster.retention_in_days == 30
    error_message = "The group is the one EKS writes into, and keeps thirty days."
  }

  assert {
    condition     = aws_cloudwatch_log_group.cluster.kms_key_id == aws_kms_key.this.arn
    error_message = "Logs are encrypted with the cluster's key."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_kms_key.this.policy).Statement :
      endswith(statement.Condition.ArnEquals["kms:EncryptionContext:aws:logs:arn"], ":log-group:/aws/eks/carepath-test/cluster") if can(statement.Principal.Service)
    ])
    error_message = "The log service may use the key for this cluster's group only."
  }
}

run "access_is_by_entries_not_by_a_config_map" {
  variables {
    admin_principal_arns = ["arn:aws:iam::123456789012:role/operators"]
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API"
    error_message = "aws-auth is not read."
  }

  assert {
    condition     = [for entry in aws_eks_access_entry.admin : entry.principal_arn] == ["arn:aws:iam::123456789012:role/operators"]
    error_message = "Each administrator has an entry, and nobody else."
  }

  assert {
    condition = alltrue([for association in aws_eks_access_policy_association.admin :
      association.policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" && association.access_scope[0].type == "cluster"
    ])
    error_message = "An administrator administers the whole cluster."
  }
}

run "no_administrator_but_the_creator_unless_named" {
  assert {
    condition     = length(aws_eks_access_entry.admin) + length(aws_eks_access_policy_association.admin) == 0
    error_message = "No entry is made."
  }
}

run "a_cluster_is_upgraded_before_it_costs_more" {
  assert {
    condition     = aws_eks_cluster.this.version == "1.35" && aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "Extended support is never entered."
  }
}

run "pods_cannot_ask_the_node_who_it_is" {
  assert {
    condition     = aws_launch_template.nodes.metadata_options[0].http_tokens == "required" && aws_launch_template.nodes.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "IMDSv2 only, and its answer does not reach a pod."
  }

  assert {
    condition     = aws_eks_node_group.this.launch_template[0].id == aws_launch_template.nodes.id
    error_message = "The nodes are started from that template."
  }
}

run "nodes" {
  variables {
    node_scaling = { min = 1, desired = 3, max = 5 }
  }

  assert {
    condition = alltrue([
      aws_eks_node_group.this.scaling_config[0].min_size == 1,
      aws_eks_node_group.this.scaling_config[0].desired_size == 3,
      aws_eks_node_group.this.scaling_config[0].max_size == 5,
    ])
    error_message = "node_scaling is what the node group gets."
  }

  assert {
    condition     = aws_launch_template.nodes.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.nodes.block_device_mappings[0].ebs[0].volume_size == 20
    error_message = "Disks are encrypted, of 20 GiB."
  }

  assert {
    condition     = aws_eks_node_group.this.subnet_ids == toset(var.private_subnet_ids) && aws_eks_cluster.this.vpc_config[0].subnet_ids == toset(var.private_subnet_ids)
    error_message = "Nodes and control plane lie in the private subnets."
  }

  assert {
    condition     = toset(keys(aws_iam_role_policy_attachment.node)) == toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"])
    error_message = "A node may join, pull images and wire its pods, and nothing else."
  }

  assert {
    condition     = aws_eks_node_group.this.update_config[0].max_unavailable == 1
    error_message = "Nodes are replaced one by one."
  }
}

run "what_the_nodes_start_is_counted" {
  assert {
    condition = tomap({ for each in aws_launch_template.nodes.tag_specifications : each.resource_type => each.tags }) == tomap({
      for kind in ["instance", "network-interface", "volume"] : kind => tomap({ Project = "carepath", Name = "carepath-test-node" })
    })
    error_message = "Machines, their disks and network interfaces bear the tags that costs are found by."
  }
}

run "addons_are_pinned" {
  assert {
    condition     = tomap({ for name, addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.after_nodes) : name => addon.addon_version }) == tomap(var.addon_versions)
    error_message = "Each add-on has the version that was given, and there are no others."
  }

  assert {
    condition     = contains(keys(aws_eks_addon.after_nodes), "metrics-server")
    error_message = "Without metrics-server the autoscalers do nothing."
  }
}

run "network_policies_are_enforced" {
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values) == { enableNetworkPolicy = "true" }
    error_message = "The network add-on enforces NetworkPolicies."
  }
}

run "outputs" {
  assert {
    condition     = output.cluster_name == "carepath-test" && output.cluster_version == "1.35"
    error_message = "Name and version are told."
  }

  assert {
    condition     = output.cluster_endpoint == aws_eks_cluster.this.endpoint && can(base64decode(output.cluster_certificate_authority_data))
    error_message = "What a client of the API needs is told."
  }

  assert {
    condition     = output.node_group_name == aws_eks_node_group.this.node_group_name && startswith(output.oidc_issuer_url, "https://oidc.eks.")
    error_message = "Node group and issuer are told."
  }

  assert {
    condition     = output.cluster_security_group_id == aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
    error_message = "The cluster's security group is told."
  }
}
