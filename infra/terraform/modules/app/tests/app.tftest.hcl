mock_provider "kubernetes" {
  source = "../../mocks"
}

run "the_namespace_enforces_restricted" {
  command = plan

  assert {
    condition = alltrue([for mode in ["enforce", "audit", "warn"] :
      kubernetes_namespace_v1.this.metadata[0].labels["pod-security.kubernetes.io/${mode}"] == "restricted"
      && kubernetes_namespace_v1.this.metadata[0].labels["pod-security.kubernetes.io/${mode}-version"] == "v1.35"
    ])
    error_message = "Pods that break the rules of the cluster's own version are refused."
  }
}

run "images_are_those_given" {
  command = plan

  assert {
    condition     = output.images == { db_api = var.db_api_image, chat_api = var.chat_api_image }
    error_message = "Each service runs its own image, by digest."
  }
}

run "pods_may_do_nothing_they_need_not" {
  command = plan

  assert {
    condition = alltrue([for pod in [kubernetes_deployment_v1.db_api.spec[0].template[0].spec[0], kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0]] :
      pod.security_context[0].run_as_non_root && pod.security_context[0].seccomp_profile[0].type == "RuntimeDefault" && !pod.automount_service_account_token
    ])
    error_message = "No root, a seccomp profile, no token."
  }

  assert {
    condition = alltrue([for container in concat(kubernetes_deployment_v1.db_api.spec[0].template[0].spec[0].container, kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container) :
      container.security_context[0].read_only_root_filesystem && !container.security_context[0].allow_privilege_escalation && container.security_context[0].capabilities[0].drop == tolist(["ALL"])
    ])
    error_message = "A read-only root, no way to more rights, no capabilities."
  }

  assert {
    condition     = !anytrue([for account in kubernetes_service_account_v1.this : account.automount_service_account_token])
    error_message = "Neither service account hands out its token."
  }
}

run "probes_tell_different_truths" {
  command = plan

  assert {
    condition = alltrue([for container in concat(kubernetes_deployment_v1.db_api.spec[0].template[0].spec[0].container, kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container) :
      container.liveness_probe[0].http_get[0].path == "/health" && container.startup_probe[0].http_get[0].path == "/health" && container.readiness_probe[0].http_get[0].path == "/health?check=ready"
    ])
    error_message = "Only readiness asks what lies outside the process."
  }
}

run "a_pod_drains_before_it_goes" {
  command = plan

  assert {
    condition = alltrue([for pod in [kubernetes_deployment_v1.db_api.spec[0].template[0].spec[0], kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0]] :
      pod.termination_grace_period_seconds >= 25 + tonumber(pod.container[0].lifecycle[0].pre_stop[0].exec[0].command[1])
    ])
    error_message = "The grace period covers preStop and the server's own 25 seconds."
  }

  assert {
    condition     = alltrue([for budget in kubernetes_pod_disruption_budget_v1.this : budget.spec[0].max_unavailable == "1"]) && keys(kubernetes_pod_disruption_budget_v1.this) == ["chat_api", "db_api"]
    error_message = "Of each service one pod at a time may be moved."
  }

  assert {
    condition = alltrue([for deployment in [kubernetes_deployment_v1.db_api, kubernetes_deployment_v1.chat_api] :
      deployment.spec[0].strategy[0].rolling_update[0].max_unavailable == "0"
      && toset([for spread in deployment.spec[0].template[0].spec[0].topology_spread_constraint : spread.topology_key]) == toset(["kubernetes.io/hostname", "topology.kubernetes.io/zone"])
    ])
    error_message = "A rollout takes no pod away before its successor is there, and pods lie apart."
  }
}

run "secrets_are_not_kept" {
  assert {
    condition = alltrue([for secret in [kubernetes_secret_v1.mongodb, kubernetes_secret_v1.pinecone, kubernetes_secret_v1.llm, kubernetes_secret_v1.service_token] :
      secret.data_wo == null && try(length(secret.data), 0) == 0
    ])
    error_message = "What is in a Secret is in no state."
  }

  assert {
    condition     = kubernetes_secret_v1.mongodb.data_wo_revision == 7
    error_message = "Its revision says when to write it anew."
  }

  assert {
    condition     = kubernetes_deployment_v1.db_api.spec[0].template[0].metadata[0].annotations["carepath/mongodb-secret-revision"] == "7"
    error_message = "The pods carry the revision, so a new one rolls them."
  }
}

run "autoscalers_take_the_bounds" {
  command = plan

  assert {
    condition     = tomap({ for key, scaler in kubernetes_horizontal_pod_autoscaler_v2.this : key => scaler.spec[0].scale_target_ref[0].name }) == tomap({ db_api = "db-api", chat_api = "chat-api" })
    error_message = "Each scales its own Deployment."
  }

  assert {
    condition = alltrue([for scaler in kubernetes_horizontal_pod_autoscaler_v2.this :
      scaler.spec[0].min_replicas == 3 && scaler.spec[0].max_replicas == 6 && scaler.spec[0].metric[0].resource[0].target[0].average_utilization == 60
    ])
    error_message = "The bounds and the aim are those given."
  }
}

run "no_demo_data_unless_asked_for" {
  command = plan

  assert {
    condition     = length(kubernetes_job_v1.demo_data) == 0
    error_message = "Nothing is loaded."
  }
}

run "demo_data_is_loaded_by_the_services_own_image" {
  command = plan

  variables {
    load_demo_data = true
  }

  assert {
    condition     = kubernetes_job_v1.demo_data[0].spec[0].template[0].spec[0].container[0].image == var.db_api_image
    error_message = "The loader is the image of db-api."
  }

  assert {
    condition     = kubernetes_job_v1.demo_data[0].spec[0].template[0].metadata[0].labels["app.kubernetes.io/name"] == "demo-data"
    error_message = "Its pod is nobody's: no Service finds it."
  }
}

run "a_mock_is_told_of_no_model" {
  command = plan

  assert {
    condition     = !anytrue([for env in kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container[0].env : contains(["LLM_MODEL", "LLM_BASE_URL"], env.name)])
    error_message = "What nobody said is not set, and the service's own default counts."
  }
}

run "a_real_model_is_named_and_its_key_is_a_secret" {
  command = plan

  variables {
    llm_mode     = "openai"
    llm_model    = "a-model"
    llm_base_url = "https://llm.example.com/v1"
    llm_api_key  = "planted-key"
  }

  assert {
    condition = { for env in kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container[0].env : env.name => env.value if startswith(env.name, "LLM_") && env.name != "LLM_API_KEY" } == {
      LLM_MODE     = "openai"
      LLM_MODEL    = "a-model"
      LLM_BASE_URL = "https://llm.example.com/v1"
    }
    error_message = "chat-api is told who words the answers, and where."
  }

  assert {
    condition = { for env in kubernetes_deployment_v1.chat_api.spec[0].template[0].spec[0].container[0].env : env.name => env.value_from[0].secret_key_ref[0].name if contains(["LLM_API_KEY", "PHI_HASH_KEY"], env.name) } == {
      LLM_API_KEY  = "llm"
      PHI_HASH_KEY = "llm"
    }
    error_message = "Both keys come from the Secret."
  }
}

run "outputs" {
  assert {
    condition     = output.namespace == "carepath-test" && output.db_api_service_name == "db-api-service" && output.chat_api_service_name == "chat-api-service"
    error_message = "Namespace and Services are told."
  }

  assert {
    condition     = output.chat_api_hostname == "mock.elb.us-east-1.amazonaws.com" && output.chat_api_scheme == "http"
    error_message = "Where chat-api is reached is told."
  }
}
