locals {
  project_id = var.project_id == null ? mongodbatlas_project.this[0].id : var.project_id
  dedicated  = startswith(var.instance_size, "M") && var.instance_size != "M0"
  flex       = var.instance_size == "FLEX"

  host = trimprefix(mongodbatlas_advanced_cluster.this.connection_strings.standard_srv, "mongodb+srv://")

  # urlencode writes a blank as "+", which not every driver reads back as one.
  encoded_username = replace(urlencode(var.username), "+", "%20")
  encoded_password = replace(urlencode(var.password), "+", "%20")

  options = "retryWrites=true&w=majority"
}

resource "mongodbatlas_project" "this" {
  count = var.project_id == null ? 1 : 0

  org_id = var.org_id
  name   = var.project_name

  lifecycle {
    precondition {
      condition     = var.org_id != null
      error_message = "A project is made in an organisation: give org_id, or project_id to use a project that exists."
    }
  }
}

resource "mongodbatlas_advanced_cluster" "this" {
  project_id   = local.project_id
  name         = var.cluster_name
  cluster_type = "REPLICASET"

  replication_specs = [{
    region_configs = [{
      region_name           = upper(replace(var.aws_region, "-", "_"))
      priority              = 7
      provider_name         = local.dedicated ? "AWS" : local.flex ? "FLEX" : "TENANT"
      backing_provider_name = local.dedicated ? null : "AWS"
      electable_specs = local.flex ? null : {
        instance_size = var.instance_size
        node_count    = local.dedicated ? 3 : null
      }
      auto_scaling = local.dedicated ? { disk_gb_enabled = true } : null
    }]
  }]

  # A shared cluster refuses each of these.
  backup_enabled         = local.dedicated ? true : null
  mongo_db_major_version = local.dedicated ? "8.0" : null
  use_effective_fields   = local.dedicated ? true : null
  advanced_configuration = local.dedicated ? { minimum_enabled_tls_protocol = "TLS1_2" } : null

  termination_protection_enabled = var.termination_protection

  timeouts = {
    create = "30m"
    update = "60m"
    delete = "30m"
  }
}

resource "mongodbatlas_database_user" "app" {
  project_id          = local.project_id
  username            = var.username
  auth_database_name  = "admin"
  password_wo         = var.password
  password_wo_version = var.password_revision

  roles {
    role_name     = "readWrite"
    database_name = var.database_name
  }

  scopes {
    type = "CLUSTER"
    name = mongodbatlas_advanced_cluster.this.name
  }
}

resource "mongodbatlas_project_ip_access_list" "nat" {
  for_each = var.nat_public_ips

  project_id = local.project_id
  ip_address = each.value
  comment    = "NAT gateway of ${each.key}"
}
