mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "kubernetes" {
  source = "../../mocks"
}

mock_provider "mongodbatlas" {
  source = "../../mocks"
}

run "a_name_too_long" {
  command = plan

  variables {
    name = "carepath-for-all-of-us"
  }

  expect_failures = [var.name]
}

run "a_name_of_capitals" {
  command = plan

  variables {
    name = "CarePath"
  }

  expect_failures = [var.name]
}

run "a_region_that_is_none" {
  command = plan

  variables {
    aws_region     = "us_east_1"
    db_api_image   = "registry.example/carepath-db-api@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
    chat_api_image = "registry.example/carepath-chat-api@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
  }

  expect_failures = [var.aws_region]
}

run "an_account_of_five_digits" {
  command = plan

  variables {
    aws_account_id = "12345"
  }

  expect_failures = [var.aws_account_id]
}

run "an_organisation_by_name" {
  command = plan

  variables {
    atlas_org_id = "acme"
  }

  expect_failures = [var.atlas_org_id]
}

run "atlas_without_an_organisation" {
  command = plan

  variables {
    atlas_org_id = null
  }

  expect_failures = [var.atlas_org_id]
}

run "a_project_by_name" {
  command = plan

  variables {
    atlas_project_id = "carepath"
  }

  expect_failures = [var.atlas_project_id]
}

run "a_password_too_short" {
  command = plan

  variables {
    mongodb_password = "seven77"
  }

  expect_failures = [var.mongodb_password]
}

run "no_password" {
  command = plan

  variables {
    mongodb_password = ""
  }

  expect_failures = [var.mongodb_password]
}

run "a_revision_of_nothing" {
  command = plan

  variables {
    mongodb_password_revision = 0
  }

  expect_failures = [var.mongodb_password_revision]
}

run "half_a_revision" {
  command = plan

  variables {
    mongodb_password_revision = 1.5
  }

  expect_failures = [var.mongodb_password_revision]
}

run "no_atlas_and_no_database" {
  command = plan

  variables {
    create_atlas = false
  }

  expect_failures = [var.existing_mongodb_uri]
}

run "a_database_that_is_no_mongodb" {
  command = plan

  variables {
    create_atlas         = false
    existing_mongodb_uri = "postgres://db.example/carepath"
  }

  expect_failures = [var.existing_mongodb_uri]
}

run "an_image_of_another_region_for_db_api" {
  command = plan

  variables {
    db_api_image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/carepath-db-api@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
  }

  expect_failures = [var.db_api_image]
}

run "an_image_of_another_region_for_chat_api" {
  command = plan

  variables {
    chat_api_image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/carepath-chat-api@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
  }

  expect_failures = [var.chat_api_image]
}

run "pinecone_without_a_key" {
  command = plan

  variables {
    vector_mode = "pinecone"
  }

  expect_failures = [var.pinecone_api_key]
}

run "a_certificate_of_another_region" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"
  }

  expect_failures = [var.certificate_arn]
}

run "nodes_too_few_for_both_autoscalers" {
  command = plan

  variables {
    scaling = { min = 3, max = 12, cpu_percent = 60 }
  }

  expect_failures = [check.nodes_hold_all_pods]
}

run "nodes_enough_for_more_pods" {
  command = plan

  variables {
    scaling      = { min = 3, max = 12, cpu_percent = 60 }
    node_scaling = { min = 2, desired = 4, max = 4 }
  }

  assert {
    condition     = var.node_scaling.desired == 4
    error_message = "Twice the nodes hold twice the pods: no check complains."
  }
}

run "a_day_that_is_none" {
  command = plan

  variables {
    end_of_standard_support = { "1.35" = "soon" }
  }

  expect_failures = [var.end_of_standard_support]
}

run "a_version_whose_support_has_ended" {
  command = plan

  variables {
    end_of_standard_support = { "1.99" = "2020-01-01" }
  }

  expect_failures = [check.version_stays_supported]
}

run "a_token_too_short" {
  command = plan

  variables {
    service_token = "short"
  }

  expect_failures = [var.service_token]
}

run "a_real_model_without_a_key" {
  command = plan

  variables {
    llm_mode  = "anthropic"
    llm_model = "a-model"
  }

  expect_failures = [var.llm_api_key]
}

run "a_real_model_without_a_name" {
  command = plan

  variables {
    llm_mode    = "openai"
    llm_api_key = "planted-key"
  }

  expect_failures = [var.llm_model]
}

run "a_key_of_hashes_too_short" {
  command = plan

  variables {
    phi_hash_key = "short"
  }

  expect_failures = [var.phi_hash_key]
}
