mock_provider "mongodbatlas" {
  source = "../../../mocks"
}

run "a_cluster_name_too_long" {
  command = plan

  variables {
    cluster_name = "carepath-for-the-north-2"
  }

  expect_failures = [var.cluster_name]
}

run "a_cluster_name_with_a_dot" {
  command = plan

  variables {
    cluster_name = "care.path"
  }

  expect_failures = [var.cluster_name]
}

run "an_unknown_tier" {
  command = plan

  variables {
    instance_size = "M5"
  }

  expect_failures = [var.instance_size]
}

run "a_tier_that_atlas_withdrew" {
  command = plan

  variables {
    instance_size = "M2"
  }

  expect_failures = [var.instance_size]
}

run "a_database_for_nobody" {
  command = plan

  variables {
    nat_public_ips = {}
  }

  expect_failures = [var.nat_public_ips]
}

run "a_database_for_everybody" {
  command = plan

  variables {
    nat_public_ips = { us-east-1a = "0.0.0.0" }
  }

  expect_failures = [var.nat_public_ips]
}

run "a_database_for_every_range" {
  command = plan

  variables {
    nat_public_ips = { us-east-1a = "198.51.100.7", us-east-1b = "0.0.0.0/0" }
  }

  expect_failures = [var.nat_public_ips]
}

run "a_project_of_no_organisation" {
  command = plan

  variables {
    org_id = null
  }

  expect_failures = [mongodbatlas_project.this]
}

run "a_database_that_a_uri_cannot_name" {
  command = plan

  variables {
    database_name = "care/path"
  }

  expect_failures = [var.database_name]
}

run "an_address_that_is_none" {
  command = plan

  variables {
    nat_public_ips = { us-east-1a = "nowhere" }
  }

  expect_failures = [var.nat_public_ips]
}
