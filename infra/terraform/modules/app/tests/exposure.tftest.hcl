mock_provider "kubernetes" {
  source = "../../mocks"
}

run "db_api_is_reached_inside_the_cluster_only" {
  command = plan

  assert {
    condition     = kubernetes_service_v1.db_api.spec[0].type == "ClusterIP" && kubernetes_service_v1.db_api.spec[0].port[0].port == 8001
    error_message = "Its Service has no way in from outside."
  }

  assert {
    condition     = [for from in kubernetes_network_policy_v1.db_from_chat_ingress.spec[0].ingress[0].from : from.pod_selector[0].match_labels["app.kubernetes.io/name"]] == ["chat-api"]
    error_message = "Nobody but chat-api reaches it."
  }
}

run "all_that_is_not_opened_is_closed" {
  command = plan

  assert {
    condition = alltrue([
      toset(kubernetes_network_policy_v1.default_deny.spec[0].policy_types) == toset(["Ingress", "Egress"]),
      length(kubernetes_network_policy_v1.default_deny.spec[0].ingress) == 0,
      length(kubernetes_network_policy_v1.default_deny.spec[0].egress) == 0,
      try(length(kubernetes_network_policy_v1.default_deny.spec[0].pod_selector[0].match_labels), 0) == 0,
    ])
    error_message = "Every pod is closed in both directions."
  }

  assert {
    condition     = toset(kubernetes_network_policy_v1.db_to_mongo.spec[0].egress[0].to[0].ip_block[0].except) == toset(["10.20.0.0/16", "169.254.0.0/16"])
    error_message = "The way to the database does not lead into the VPC or to the metadata service."
  }
}

run "chat_api_reaches_nobody_outside_in_mock_mode" {
  command = plan

  assert {
    condition     = length(kubernetes_network_policy_v1.chat_external.spec[0].egress) == 0
    error_message = "Nothing needs it, so it is closed."
  }
}

run "chat_api_reaches_https_with_a_real_model" {
  command = plan

  variables {
    llm_mode = "anthropic"
  }

  assert {
    condition     = [for egress in kubernetes_network_policy_v1.chat_external.spec[0].egress : egress.ports[0].port] == ["443"]
    error_message = "HTTPS is open, and no other port."
  }
}

run "chat_api_reaches_https_with_pinecone" {
  command = plan

  variables {
    vector_mode = "pinecone"
  }

  assert {
    condition     = [for egress in kubernetes_network_policy_v1.chat_external.spec[0].egress : egress.ports[0].port] == ["443"]
    error_message = "HTTPS is open, and no other port."
  }
}

run "the_load_balancer_is_for_given_ranges" {
  command = plan

  assert {
    condition     = kubernetes_service_v1.chat_api.spec[0].type == "LoadBalancer" && kubernetes_service_v1.chat_api.spec[0].load_balancer_source_ranges == toset(["203.0.113.0/24"])
    error_message = "The given ranges reach it and nobody else."
  }

  assert {
    condition     = [for port in kubernetes_service_v1.chat_api.spec[0].port : "${port.name} ${port.port} ${port.target_port}"] == ["http 80 8002"]
    error_message = "Plain HTTP on 80, to the service's 8002."
  }
}

run "the_load_balancer_is_counted" {
  command = plan

  assert {
    condition     = kubernetes_service_v1.chat_api.metadata[0].annotations["service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags"] == "Environment=test,Project=carepath"
    error_message = "It bears the tags that costs are found by."
  }
}

run "a_certificate_closes_the_plain_port" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
  }

  assert {
    condition     = [for port in kubernetes_service_v1.chat_api.spec[0].port : "${port.name} ${port.port} ${port.target_port}"] == ["https 443 8002"]
    error_message = "HTTPS on 443 is all there is."
  }

  assert {
    condition     = kubernetes_service_v1.chat_api.metadata[0].annotations["service.beta.kubernetes.io/aws-load-balancer-ssl-cert"] == var.certificate_arn
    error_message = "The load balancer is given the certificate."
  }

  assert {
    condition     = startswith(kubernetes_service_v1.chat_api.metadata[0].annotations["service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy"], "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "It speaks TLS 1.2 and newer, not what AWS takes where nothing is said."
  }

  assert {
    condition     = output.chat_api_scheme == "https"
    error_message = "The scheme that is told is the one that is served."
  }
}

run "metrics_for_nobody_unasked" {
  command = plan

  assert {
    condition     = length(kubernetes_network_policy_v1.metrics) == 0
    error_message = "Nobody reads the metrics unless a namespace is named."
  }
}

run "metrics_for_one_namespace" {
  command = plan

  variables {
    metrics_namespace = "monitoring"
  }

  assert {
    condition     = one(one(one(one(kubernetes_network_policy_v1.metrics[0].spec).ingress).from).namespace_selector).match_labels["kubernetes.io/metadata.name"] == "monitoring"
    error_message = "Only the pods of the namespace may read the metrics."
  }

  assert {
    condition     = toset(one(one(kubernetes_network_policy_v1.metrics[0].spec).ingress).ports[*].port) == toset(["9001", "9002"])
    error_message = "The namespace reads the metrics and asks neither service anything."
  }
}

run "a_database_in_the_vpc_is_reached" {
  command = plan

  variables {
    mongodb_egress = { cidr = "10.20.3.4/32", port = 27018 }
  }

  assert {
    condition     = one(one(one(one(kubernetes_network_policy_v1.db_to_mongo.spec).egress).to).ip_block).cidr == "10.20.3.4/32" && one(one(kubernetes_network_policy_v1.db_to_mongo.spec).egress).ports[0].port == "27018"
    error_message = "The policy opens the way to the database that was named, and only that."
  }
}
