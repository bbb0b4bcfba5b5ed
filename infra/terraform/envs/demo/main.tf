module "network" {
  source = "../../modules/network"

  name               = var.name
  aws_region         = var.aws_region
  cluster_name       = var.name
  vpc_cidr           = var.vpc_cidr
  az_count           = var.az_count
  single_nat_gateway = var.single_nat_gateway
  enable_flow_logs   = var.enable_flow_logs

  flow_log_retention_days = var.flow_log_retention_days
}

# Depends on nothing: images are pushed before the rest exists.
module "ecr" {
  source = "../../modules/ecr"

  keep_releases = var.ecr_keep_releases
  keep_images   = var.ecr_keep_images
  force_delete  = var.ecr_force_delete
}

module "eks" {
  source = "../../modules/eks"

  cluster_name         = var.name
  aws_region           = var.aws_region
  cluster_version      = var.cluster_version
  addon_versions       = var.addon_versions
  private_subnet_ids   = module.network.private_subnet_ids
  public_access_cidrs  = var.public_access_cidrs
  allow_public_api     = var.allow_public_api
  admin_principal_arns = var.admin_principal_arns
  node_instance_types  = var.node_instance_types
  node_capacity_type   = var.node_capacity_type
  node_scaling         = var.node_scaling
  node_disk_gib        = var.node_disk_gib
  log_retention_days   = var.log_retention_days
  tags                 = local.tags
}

# Needs the network's addresses only, so it is made while the cluster is.
module "mongo_atlas" {
  source = "../../modules/mongo_atlas"
  count  = var.create_atlas ? 1 : 0

  org_id            = var.atlas_org_id
  project_id        = var.atlas_project_id
  project_name      = var.name
  cluster_name      = var.name
  instance_size     = var.instance_size
  aws_region        = var.aws_region
  database_name     = var.mongodb_db_name
  username          = var.mongodb_username
  password          = var.mongodb_password
  password_revision = var.mongodb_password_revision
  nat_public_ips    = module.network.nat_public_ips

  termination_protection = var.atlas_termination_protection
}

locals {
  mongodb_uri = var.create_atlas ? one(module.mongo_atlas[*].mongodb_connection_string) : var.existing_mongodb_uri

  # Of an address that is not kept, its revision is all that can be compared.
  mongodb_server = var.create_atlas ? one(module.mongo_atlas[*].mongodb_host) : "existing ${var.mongodb_password_revision}"

  # Moves with whatever the connection string is made of, and tells nothing of the password.
  mongodb_secret_revision = max(1, parseint(substr(sha256(join("/", [
    local.mongodb_server,
    var.mongodb_username,
    var.mongodb_db_name,
    var.mongodb_password_revision,
  ])), 0, 7), 16))
}

module "app" {
  source = "../../modules/app"

  namespace          = var.name
  kubernetes_version = var.cluster_version
  vpc_cidr           = module.network.vpc_cidr

  db_api_image   = var.db_api_image
  chat_api_image = var.chat_api_image

  mongodb_connection_string = local.mongodb_uri
  mongodb_secret_revision   = local.mongodb_secret_revision
  mongodb_server            = local.mongodb_server
  mongodb_db_name           = var.mongodb_db_name
  mongodb_egress            = var.mongodb_egress

  load_demo_data            = var.load_demo_data
  llm_mode                  = var.llm_mode
  llm_model                 = var.llm_model
  llm_base_url              = var.llm_base_url
  llm_api_key               = var.llm_api_key
  llm_api_key_revision      = var.llm_api_key_revision
  phi_hash_key              = var.phi_hash_key
  phi_hash_key_revision     = var.phi_hash_key_revision
  vector_mode               = var.vector_mode
  service_token             = var.service_token
  service_token_revision    = var.service_token_revision
  metrics_namespace         = var.metrics_namespace
  pinecone_api_key          = var.pinecone_api_key
  pinecone_api_key_revision = var.pinecone_api_key_revision
  pinecone_environment      = var.pinecone_environment
  pinecone_index            = var.pinecone_index

  scaling           = var.scaling
  lb_source_ranges  = var.lb_source_ranges
  allow_public_chat = var.allow_public_chat
  certificate_arn   = var.certificate_arn
  tags              = local.tags
}

################################################################################
# EKS raises a cluster by itself when its version's support ends
################################################################################

check "version_stays_supported" {
  assert {
    condition     = try(timecmp(timeadd(plantimestamp(), "1440h"), "${var.end_of_standard_support[var.cluster_version]}T00:00:00Z") < 0, true)
    error_message = "Standard support of Kubernetes ${var.cluster_version} ends on ${try(var.end_of_standard_support[var.cluster_version], "a day not known here")}, less than 60 days away or past. Raise cluster_version by one minor and addon_versions with it (infra/README.md)."
  }
}

################################################################################
# Nothing adds nodes for pods that wait, so the nodes must hold the most there can be
################################################################################

locals {
  # What a node of a type leaves to pods beside its own daemons (aws-node and
  # kube-proxy): millicores, MiB, and pods after those two.
  node_capacity = {
    "t3.medium"  = { cpu = 1780, memory = 3290, pods = 15 }
    "t3a.medium" = { cpu = 1780, memory = 3290, pods = 15 }
    "t3.large"   = { cpu = 1780, memory = 7090, pods = 33 }
    "t3a.large"  = { cpu = 1780, memory = 7090, pods = 33 }
    "t3.xlarge"  = { cpu = 3770, memory = 14600, pods = 56 }
  }

  # Both services at their maximum, and one pod more of each while it is rolled.
  pods_at_most = 2 * (var.scaling.max + 1)

  # coredns and metrics-server, two pods each.
  system = { cpu = 400, memory = 540, pods = 4 }

  known_types = [for type in var.node_instance_types : local.node_capacity[type] if contains(keys(local.node_capacity), type)]

  # AWS may take the smallest of the types; for one not in the table nothing is claimed, which is told below.
  room = {
    cpu    = var.node_scaling.desired * min(999999, local.known_types[*].cpu...) - local.system.cpu
    memory = var.node_scaling.desired * min(999999, local.known_types[*].memory...) - local.system.memory
    pods   = var.node_scaling.desired * min(999999, local.known_types[*].pods...) - local.system.pods
  }
}

check "nodes_hold_all_pods" {
  assert {
    condition     = length(local.known_types) == length(var.node_instance_types)
    error_message = "Whether the pods fit cannot be told: ${join(", ", [for type in var.node_instance_types : type if !contains(keys(local.node_capacity), type)])} has no row in local.node_capacity. Add one, or choose of ${join(", ", keys(local.node_capacity))}."
  }

  assert {
    condition = (
      local.pods_at_most * 100 <= local.room.cpu &&
      local.pods_at_most * 256 <= local.room.memory &&
      local.pods_at_most <= local.room.pods
    )
    error_message = "${var.node_scaling.desired} nodes have no room for ${local.pods_at_most} pods of 100m and 256Mi, which both autoscalers at their maximum and a rollout would be. Raise node_scaling.desired, take larger node_instance_types, or lower scaling.max."
  }
}
