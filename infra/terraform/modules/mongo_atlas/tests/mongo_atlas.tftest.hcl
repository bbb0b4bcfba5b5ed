# All runs plan only: an override of an ephemeral variable does not carry to an apply.
mock_provider "mongodbatlas" {
  source          = "../../../mocks"
  override_during = plan
}

run "m0_is_free_and_shared" {
  command = plan

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].provider_name == "TENANT" && mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].backing_provider_name == "AWS"
    error_message = "A shared cluster is a tenant on AWS."
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].electable_specs.instance_size == "M0"
    error_message = "It is an M0."
  }
}

run "flex_is_shared" {
  command = plan

  variables {
    instance_size = "FLEX"
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].provider_name == "FLEX" && mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].backing_provider_name == "AWS"
    error_message = "A flex cluster is one on AWS."
  }
}

run "m10_is_dedicated" {
  command = plan

  variables {
    instance_size = "M10"
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].provider_name == "AWS"
    error_message = "A dedicated cluster is of AWS itself."
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].electable_specs.instance_size == "M10" && mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].electable_specs.node_count == 3
    error_message = "It has three members of the size M10."
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.backup_enabled && mongodbatlas_advanced_cluster.this.mongo_db_major_version == "8.0" && mongodbatlas_advanced_cluster.this.advanced_configuration.minimum_enabled_tls_protocol == "TLS1_2"
    error_message = "It has backups, a version of its own and a floor for TLS."
  }
}

run "the_region_is_written_as_atlas_does" {
  command = plan

  assert {
    condition     = mongodbatlas_advanced_cluster.this.replication_specs[0].region_configs[0].region_name == "US_EAST_1"
    error_message = "us-east-1 is US_EAST_1 there."
  }
}

run "the_user_may_write_one_database_of_one_cluster" {
  command = plan

  assert {
    condition     = [for role in mongodbatlas_database_user.app.roles : "${role.role_name}@${role.database_name}"] == ["readWrite@carepath"]
    error_message = "readWrite on the one database is all."
  }

  assert {
    condition     = [for scope in mongodbatlas_database_user.app.scopes : "${scope.type} ${scope.name}"] == ["CLUSTER carepath-test"]
    error_message = "The user belongs to this cluster only."
  }

  assert {
    condition     = mongodbatlas_database_user.app.password_wo == null && mongodbatlas_database_user.app.password == null
    error_message = "The password is not kept."
  }
}

run "the_nat_gateways_alone_may_connect" {
  command = plan

  variables {
    nat_public_ips = { us-east-1a = "198.51.100.7", us-east-1b = "198.51.100.8" }
  }

  assert {
    condition     = tomap({ for zone, entry in mongodbatlas_project_ip_access_list.nat : zone => entry.ip_address }) == tomap(var.nat_public_ips)
    error_message = "Each zone's address is on the list, and nothing else."
  }
}

run "a_project_of_ones_own" {
  command = plan

  assert {
    condition     = mongodbatlas_project.this[0].org_id == var.org_id && output.project_id == mongodbatlas_project.this[0].id
    error_message = "Without project_id a project is made in the organisation."
  }
}

run "a_project_that_exists" {
  command = plan

  variables {
    org_id     = null
    project_id = "abcdefabcdefabcdefabcdef"
  }

  assert {
    condition     = length(mongodbatlas_project.this) == 0 && output.project_id == "abcdefabcdefabcdefabcdef"
    error_message = "With project_id none is made."
  }

  assert {
    condition     = mongodbatlas_advanced_cluster.this.project_id == "abcdefabcdefabcdefabcdef" && mongodbatlas_database_user.app.project_id == "abcdefabcdefabcdefabcdef"
    error_message = "Cluster and user lie in it."
  }
}
