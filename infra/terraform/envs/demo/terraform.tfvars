# What makes this environment the demo. Nothing here is secret: secrets come as
# TF_VAR_mongodb_password and the like. A value written here wins over TF_VAR_*,
# so what differs from one operator to the next (TF_VAR_atlas_org_id) is not here.

environment = "demo"
name        = "carepath-demo"
aws_region  = "us-east-1"

# 203.0.113.0/24 is reserved for documentation and reaches nothing: replace it by
# the ranges of your pipeline and of your users.
public_access_cidrs = ["203.0.113.0/24"]
lb_source_ranges    = ["203.0.113.0/24"]

vpc_cidr           = "10.20.0.0/16"
az_count           = 2
single_nat_gateway = true

cluster_version = "1.35"
# EKS's defaults for 1.35 in October 2026; this lists what there is:
# aws eks describe-addon-versions --kubernetes-version 1.35 --query 'addons[].[addonName, addonVersions[0].addonVersion]'
addon_versions = {
  coredns        = "v1.13.2-eksbuild.31"
  kube-proxy     = "v1.35.3-eksbuild.29"
  metrics-server = "v0.9.0-eksbuild.6"
  vpc-cni        = "v1.22.4-eksbuild.3"
}

node_instance_types = ["t3.medium", "t3a.medium"]
node_capacity_type  = "ON_DEMAND"
node_scaling        = { min = 2, desired = 2, max = 4 }
scaling             = { min = 3, max = 6, cpu_percent = 60 }

instance_size    = "M0"
mongodb_username = "carepath-db-api"
mongodb_db_name  = "carepath"

load_demo_data = true

llm_mode    = "mock"
vector_mode = "mock"

# A demo is thrown away whole, its images with it.
ecr_force_delete = true
