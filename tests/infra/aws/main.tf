# The modules that are AWS's alone, wired as envs/demo wires them, against one address
# that answers for all of AWS. A test copies this to infra/terraform/envs/aws.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

variable "endpoint" {
  description = "Address of the stand-in for AWS's own API."
  type        = string
}

locals {
  name   = "carepath-test"
  region = "us-east-1"
  tags   = { Project = "carepath", Environment = "test" }
}

provider "aws" {
  region                      = local.region
  access_key                  = "planted-id"
  secret_key                  = "planted-secret"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  default_tags {
    tags = local.tags
  }

  endpoints {
    ec2  = var.endpoint
    ecr  = var.endpoint
    eks  = var.endpoint
    iam  = var.endpoint
    kms  = var.endpoint
    logs = var.endpoint
    sts  = var.endpoint
  }
}

module "network" {
  source = "../../modules/network"

  name               = local.name
  cluster_name       = local.name
  aws_region         = local.region
  vpc_cidr           = "10.20.0.0/16"
  az_count           = 2
  single_nat_gateway = true
  enable_flow_logs   = true

  flow_log_retention_days = 30
}

module "ecr" {
  source = "../../modules/ecr"

  keep_releases = 1000
  keep_images   = 50
  force_delete  = true
}

module "eks" {
  source = "../../modules/eks"

  cluster_name         = local.name
  aws_region           = local.region
  cluster_version      = "1.35"
  private_subnet_ids   = module.network.private_subnet_ids
  public_access_cidrs  = ["203.0.113.0/24"]
  allow_public_api     = false
  admin_principal_arns = []
  node_instance_types  = ["t3.medium"]
  node_capacity_type   = "ON_DEMAND"
  node_scaling         = { min = 2, desired = 2, max = 4 }
  node_disk_gib        = 20
  log_retention_days   = 30
  tags                 = local.tags

  addon_versions = {
    coredns        = "v1.13.2-eksbuild.31"
    kube-proxy     = "v1.35.3-eksbuild.29"
    metrics-server = "v0.9.0-eksbuild.6"
    vpc-cni        = "v1.22.4-eksbuild.3"
  }
}

output "nat_public_ips" {
  description = "What Atlas would let in."
  value       = module.network.nat_public_ips
}

output "repositories" {
  description = "Where images would be pushed."
  value       = [module.ecr.db_api_repo_url, module.ecr.chat_api_repo_url]
}

output "cluster_endpoint" {
  description = "What the kubernetes provider would talk to."
  value       = module.eks.cluster_endpoint
}
