# Each run finds what the runs before it applied. tests/infra/test_modules.py
# reads the plans after the first: nothing changes but what the names of the runs say.
mock_provider "kubernetes" {
  source = "../../mocks"
}

run "first_deploy" {
  assert {
    condition     = kubernetes_deployment_v1.db_api.spec[0].replicas == "3" && kubernetes_deployment_v1.chat_api.spec[0].replicas == "3"
    error_message = "Both begin with the autoscalers' minimum."
  }
}

run "only_db_api_rolls_for_its_digest" {
  command = plan

  variables {
    db_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
  }

  assert {
    condition     = output.images.db_api == var.db_api_image && output.images.chat_api == run.first_deploy.images.chat_api
    error_message = "db-api gets its image, chat-api keeps its own."
  }
}

run "only_chat_api_rolls_for_its_digest" {
  command = plan

  variables {
    chat_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-chat-api@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
  }

  assert {
    condition     = output.images.chat_api == var.chat_api_image && output.images.db_api == run.first_deploy.images.db_api
    error_message = "chat-api gets its image, db-api keeps its own."
  }
}

run "only_db_api_rolls_for_its_secret" {
  command = plan

  variables {
    mongodb_connection_string = "mongodb+srv://user:another-password@carepath.abc12.mongodb.net/carepath"
    mongodb_secret_revision   = 8
  }

  assert {
    condition     = kubernetes_secret_v1.mongodb.data_wo_revision == 8 && kubernetes_deployment_v1.db_api.spec[0].template[0].metadata[0].annotations["carepath/mongodb-secret-revision"] == "8"
    error_message = "The Secret is written anew and the pods with it."
  }
}

run "only_chat_api_rolls_for_its_secret" {
  command = plan

  variables {
    pinecone_index = "other-documents"
  }

  assert {
    condition     = kubernetes_secret_v1.pinecone.data_wo_revision >= 1
    error_message = "A change within the Secret has a revision of its own."
  }
}

run "only_chat_api_rolls_for_its_model" {
  command = plan

  variables {
    llm_mode    = "openai"
    llm_model   = "a-model"
    llm_api_key = "planted-key"
  }

  assert {
    condition     = kubernetes_secret_v1.llm.data_wo_revision >= 1
    error_message = "A key that the mode now needs is written, whatever its revision says."
  }
}

run "only_the_autoscalers_learn_of_new_bounds" {
  command = plan

  variables {
    scaling = { min = 5, max = 9, cpu_percent = 60 }
  }

  assert {
    condition     = kubernetes_deployment_v1.db_api.spec[0].replicas == "3" && kubernetes_deployment_v1.chat_api.spec[0].replicas == "3"
    error_message = "After the first apply Terraform says nothing of replicas."
  }

  assert {
    condition     = alltrue([for scaler in kubernetes_horizontal_pod_autoscaler_v2.this : scaler.spec[0].min_replicas == 5])
    error_message = "The autoscalers say it."
  }
}

run "nothing_is_left_to_do" {
  command = plan

  assert {
    condition     = output.images == run.first_deploy.images
    error_message = "The same values again change nothing."
  }
}
