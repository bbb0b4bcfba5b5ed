mock_provider "aws" {
  source = "../../mocks"
}

mock_provider "kubernetes" {
  source = "../../mocks"
}

mock_provider "mongodbatlas" {
  source = "../../mocks"
}

run "deployed" {
  assert {
    condition     = output.cluster_name == "carepath-demo" && output.namespace == "carepath-demo"
    error_message = "Cluster and namespace have the environment's name."
  }

  assert {
    condition     = output.configure_kubectl == "aws eks update-kubeconfig --name carepath-demo --region us-east-1"
    error_message = "The command can be copied."
  }

  assert {
    condition     = output.chat_api_url == "http://${output.chat_api_hostname}"
    error_message = "The address is the load balancer's."
  }

  assert {
    condition     = output.deployed_images == { db_api = var.db_api_image, chat_api = var.chat_api_image }
    error_message = "The images are those given."
  }

  assert {
    condition     = output.db_api_repo_url != output.chat_api_repo_url && output.cluster_endpoint != ""
    error_message = "Repositories and endpoint are told."
  }
}

run "a_digest_of_one_service_is_one_images_change" {
  variables {
    db_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
  }

  assert {
    condition     = output.deployed_images == { db_api = var.db_api_image, chat_api = run.deployed.deployed_images.chat_api }
    error_message = "The other service keeps its image."
  }
}

run "a_certificate_is_seen_in_the_address" {
  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
  }

  assert {
    condition     = startswith(output.chat_api_url, "https://")
    error_message = "The address is HTTPS."
  }
}

run "m10" {
  command = plan

  variables {
    instance_size = "M10"
  }

  assert {
    condition     = length(module.mongo_atlas) == 1
    error_message = "A dedicated cluster needs nothing else to be said."
  }
}

run "a_database_of_ones_own_needs_no_atlas" {
  command = plan

  variables {
    create_atlas         = false
    existing_mongodb_uri = "mongodb://db.example/carepath"
    atlas_org_id         = null
    mongodb_password     = ""
  }

  assert {
    condition     = length(module.mongo_atlas) == 0
    error_message = "Nothing of Atlas is made."
  }
}

run "a_project_that_exists_needs_no_organisation" {
  command = plan

  variables {
    atlas_org_id     = null
    atlas_project_id = "abcdefabcdefabcdefabcdef"
  }

  assert {
    condition     = module.mongo_atlas[0].project_id == "abcdefabcdefabcdefabcdef"
    error_message = "The project is the one given."
  }
}

run "a_real_model" {
  command = plan

  variables {
    llm_mode    = "anthropic"
    llm_model   = "a-model"
    llm_api_key = "planted-key"
  }

  assert {
    condition     = output.deployed_images == { db_api = var.db_api_image, chat_api = var.chat_api_image }
    error_message = "A key and a model are all that a real mode needs."
  }
}
