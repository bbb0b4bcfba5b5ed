cluster_name         = "carepath-test"
aws_region           = "us-east-1"
cluster_version      = "1.35"
private_subnet_ids   = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
public_access_cidrs  = ["203.0.113.0/24"]
allow_public_api     = false
admin_principal_arns = []
node_instance_types  = ["t3.medium"]
node_capacity_type   = "ON_DEMAND"
node_scaling         = { min = 2, desired = 2, max = 4 }

addon_versions = {
  coredns        = "v1.13.2-eksbuild.31"
  kube-proxy     = "v1.35.3-eksbuild.29"
  metrics-server = "v0.9.0-eksbuild.6"
  vpc-cni        = "v1.22.4-eksbuild.3"
}

node_disk_gib      = 20
log_retention_days = 30
tags               = { Project = "carepath" }
