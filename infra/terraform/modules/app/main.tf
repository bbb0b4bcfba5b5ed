locals {
  # `pods` is what a Deployment's pods are found by: Service, budget, policies.
  db_api   = { name = "db-api", port = 8001, metrics = 9001, pods = { "app.kubernetes.io/name" = "db-api" } }
  chat_api = { name = "chat-api", port = 8002, metrics = 9002, pods = { "app.kubernetes.io/name" = "chat-api" } }
  services = { db_api = local.db_api, chat_api = local.chat_api }
  labels   = { "app.kubernetes.io/part-of" = "carepath" }

  resources = {
    requests = { cpu = "100m", memory = "256Mi" }
    limits   = { cpu = "500m", memory = "512Mi" }
  }

  # Liveness depends on nothing outside the process, so that a database's bad
  # minute restarts no pod. Readiness does, so that no such pod is asked.
  live_path  = "/health"
  ready_path = "/health?check=ready"

  # The numeric user of both images; Kubernetes cannot check one given by name.
  user = "10001"

  # preStop 10 s, until every node's proxy has stopped sending; 5 s in which answers tell clients with an open
  # connection to leave; then the server's own drain of up to 25 s.
  pre_stop_seconds          = "10"
  drain_seconds             = "5"
  termination_grace_seconds = 45

  spread = {
    "kubernetes.io/hostname"      = 1
    "topology.kubernetes.io/zone" = 1
  }

  # Both services hold nothing on disk but what a library puts into /tmp.
  base_environment = {
    HOME                    = "/tmp"
    PYTHONDONTWRITEBYTECODE = "1"
  }

  # Values that Terraform does not keep cannot be compared, so whatever else goes into the Secret counts too,
  # and so does the mode: a key that was not needed before is likely to be new.
  llm_secret_revision = max(1, parseint(substr(sha256(join("/", [
    var.llm_mode,
    var.llm_api_key_revision,
    var.phi_hash_key_revision,
  ])), 0, 7), 16))
  pinecone_secret_revision = max(1, parseint(substr(sha256(join("/", [
    var.vector_mode,
    var.pinecone_environment,
    var.pinecone_index,
    var.pinecone_api_key_revision,
  ])), 0, 7), 16))
}

################################################################################
# Namespace and secrets
################################################################################

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.namespace

    labels = merge(local.labels, merge([
      for mode in ["enforce", "audit", "warn"] : {
        "pod-security.kubernetes.io/${mode}"         = "restricted"
        "pod-security.kubernetes.io/${mode}-version" = "v${var.kubernetes_version}"
      }
    ]...))
  }
}

resource "kubernetes_secret_v1" "mongodb" {
  metadata {
    name      = "mongodb"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  data_wo = {
    MONGODB_URI = var.mongodb_connection_string
  }
  data_wo_revision = var.mongodb_secret_revision
}

resource "kubernetes_secret_v1" "pinecone" {
  metadata {
    name      = "pinecone"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  data_wo = {
    PINECONE_API_KEY     = var.pinecone_api_key
    PINECONE_ENVIRONMENT = var.pinecone_environment
    PINECONE_INDEX_NAME  = var.pinecone_index
  }
  data_wo_revision = local.pinecone_secret_revision
}

resource "kubernetes_secret_v1" "llm" {
  metadata {
    name      = "llm"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  data_wo = {
    LLM_API_KEY  = var.llm_api_key
    PHI_HASH_KEY = var.phi_hash_key
  }
  data_wo_revision = local.llm_secret_revision
}

# What chat-api shows db-api; empty asks for none.
resource "kubernetes_secret_v1" "service_token" {
  metadata {
    name      = "service-token"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  data_wo = {
    SERVICE_TOKEN = var.service_token
  }
  data_wo_revision = var.service_token_revision
}

resource "kubernetes_service_account_v1" "this" {
  for_each = local.services

  metadata {
    name      = each.value.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, each.value.pods)
  }

  automount_service_account_token = false
}

################################################################################
# db-api
################################################################################

resource "kubernetes_deployment_v1" "db_api" {
  #checkov:skip=CKV_K8S_14:the variable's validation asks for a digest, which a scanner cannot see
  #checkov:skip=CKV_K8S_15:a digest is the same image whether pulled again or not
  #checkov:skip=CKV_K8S_35:the service takes MONGODB_URI from its environment
  #checkov:skip=CKV_K8S_43:the variable's validation asks for a digest, which a scanner cannot see
  metadata {
    name      = local.db_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.db_api.pods)
  }

  spec {
    replicas                  = var.scaling.min
    min_ready_seconds         = 5
    revision_history_limit    = 5
    progress_deadline_seconds = 300

    selector {
      match_labels = local.db_api.pods
    }

    strategy {
      type = "RollingUpdate"

      rolling_update {
        max_surge       = "1"
        max_unavailable = "0"
      }
    }

    template {
      metadata {
        labels = merge(local.labels, local.db_api.pods)

        # A pod reads its environment once: a new secret must make new pods.
        annotations = {
          "carepath/mongodb-secret-revision" = tostring(var.mongodb_secret_revision)
          "carepath/service-token-revision"  = tostring(var.service_token_revision)
        }
      }

      spec {
        service_account_name             = kubernetes_service_account_v1.this["db_api"].metadata[0].name
        automount_service_account_token  = false
        enable_service_links             = false
        termination_grace_period_seconds = local.termination_grace_seconds

        security_context {
          run_as_non_root = true
          run_as_user     = local.user
          run_as_group    = local.user
          fs_group        = local.user

          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        dynamic "topology_spread_constraint" {
          for_each = local.spread

          content {
            topology_key       = topology_spread_constraint.key
            max_skew           = topology_spread_constraint.value
            when_unsatisfiable = "ScheduleAnyway"
            match_label_keys   = ["pod-template-hash"]

            label_selector {
              match_labels = local.db_api.pods
            }
          }
        }

        container {
          name              = local.db_api.name
          image             = var.db_api_image
          image_pull_policy = "IfNotPresent"

          port {
            name           = "http"
            container_port = local.db_api.port
          }

          port {
            name           = "metrics"
            container_port = local.db_api.metrics
          }

          env {
            name  = "METRICS_PORT"
            value = tostring(local.db_api.metrics)
          }

          env {
            name  = "DRAIN_SECONDS"
            value = local.drain_seconds
          }

          env {
            name = "SERVICE_TOKEN"

            value_from {
              secret_key_ref {
                name = kubernetes_secret_v1.service_token.metadata[0].name
                key  = "SERVICE_TOKEN"
              }
            }
          }

          env {
            name = "MONGODB_URI"

            value_from {
              secret_key_ref {
                name = kubernetes_secret_v1.mongodb.metadata[0].name
                key  = "MONGODB_URI"
              }
            }
          }

          env {
            name  = "MONGODB_DB_NAME"
            value = var.mongodb_db_name
          }

          # Six pods and one of a rollout: 140 connections, of the 500 that a shared Atlas cluster takes.
          env {
            name  = "MONGO_MAX_POOL_SIZE"
            value = "20"
          }

          dynamic "env" {
            for_each = local.base_environment

            content {
              name  = env.key
              value = env.value
            }
          }

          resources {
            requests = local.resources.requests
            limits   = local.resources.limits
          }

          startup_probe {
            period_seconds    = 2
            timeout_seconds   = 2
            failure_threshold = 30

            http_get {
              path = local.live_path
              port = "http"
            }
          }

          readiness_probe {
            period_seconds    = 5
            timeout_seconds   = 2
            failure_threshold = 3

            http_get {
              path = local.ready_path
              port = "http"
            }
          }

          liveness_probe {
            period_seconds    = 10
            timeout_seconds   = 3
            failure_threshold = 6

            http_get {
              path = local.live_path
              port = "http"
            }
          }

          lifecycle {
            pre_stop {
              exec {
                command = ["sleep", local.pre_stop_seconds]
              }
            }
          }

          security_context {
            run_as_non_root            = true
            privileged                 = false
            allow_privilege_escalation = false
            read_only_root_filesystem  = true

            capabilities {
              drop = ["ALL"]
            }
          }

          volume_mount {
            name       = "tmp"
            mount_path = "/tmp"
          }
        }

        volume {
          name = "tmp"

          empty_dir {
            size_limit = "64Mi"
          }
        }
      }
    }
  }

  timeouts {
    create = "10m"
    update = "10m"
  }

  lifecycle {
    # After the first apply the HPA says how many.
    ignore_changes = [spec[0].replicas]
  }

  # No pod runs before the rules it runs under.
  depends_on = [
    kubernetes_network_policy_v1.allow_dns,
    kubernetes_network_policy_v1.db_from_chat_ingress,
    kubernetes_network_policy_v1.db_to_mongo,
    kubernetes_network_policy_v1.default_deny,
  ]
}

resource "kubernetes_service_v1" "db_api" {
  metadata {
    name      = "db-api-service"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.db_api.pods)
  }

  spec {
    type     = "ClusterIP"
    selector = local.db_api.pods

    port {
      name        = "http"
      port        = 8001
      target_port = local.db_api.port
    }
  }
}

################################################################################
# chat-api
################################################################################

resource "kubernetes_deployment_v1" "chat_api" {
  #checkov:skip=CKV_K8S_14:the variable's validation asks for a digest, which a scanner cannot see
  #checkov:skip=CKV_K8S_15:a digest is the same image whether pulled again or not
  #checkov:skip=CKV_K8S_43:the variable's validation asks for a digest, which a scanner cannot see
  metadata {
    name      = local.chat_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.chat_api.pods)
  }

  spec {
    replicas                  = var.scaling.min
    min_ready_seconds         = 5
    revision_history_limit    = 5
    progress_deadline_seconds = 300

    selector {
      match_labels = local.chat_api.pods
    }

    strategy {
      type = "RollingUpdate"

      rolling_update {
        max_surge       = "1"
        max_unavailable = "0"
      }
    }

    template {
      metadata {
        labels = merge(local.labels, local.chat_api.pods)

        annotations = {
          "carepath/llm-secret-revision"      = tostring(local.llm_secret_revision)
          "carepath/pinecone-secret-revision" = tostring(local.pinecone_secret_revision)
          "carepath/service-token-revision"   = tostring(var.service_token_revision)
        }
      }

      spec {
        service_account_name             = kubernetes_service_account_v1.this["chat_api"].metadata[0].name
        automount_service_account_token  = false
        enable_service_links             = false
        termination_grace_period_seconds = local.termination_grace_seconds

        security_context {
          run_as_non_root = true
          run_as_user     = local.user
          run_as_group    = local.user
          fs_group        = local.user

          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        dynamic "topology_spread_constraint" {
          for_each = local.spread

          content {
            topology_key       = topology_spread_constraint.key
            max_skew           = topology_spread_constraint.value
            when_unsatisfiable = "ScheduleAnyway"
            match_label_keys   = ["pod-template-hash"]

            label_selector {
              match_labels = local.chat_api.pods
            }
          }
        }

        container {
          name              = local.chat_api.name
          image             = var.chat_api_image
          image_pull_policy = "IfNotPresent"

          port {
            name           = "http"
            container_port = local.chat_api.port
          }

          port {
            name           = "metrics"
            container_port = local.chat_api.metrics
          }

          env {
            name  = "METRICS_PORT"
            value = tostring(local.chat_api.metrics)
          }

          env {
            name  = "DRAIN_SECONDS"
            value = local.drain_seconds
          }

          env {
            name = "SERVICE_TOKEN"

            value_from {
              secret_key_ref {
                name = kubernetes_secret_v1.service_token.metadata[0].name
                key  = "SERVICE_TOKEN"
              }
            }
          }

          env {
            name  = "DB_API_BASE_URL"
            value = "http://${kubernetes_service_v1.db_api.metadata[0].name}.${var.namespace}.svc.cluster.local:${kubernetes_service_v1.db_api.spec[0].port[0].port}"
          }

          env {
            name  = "LLM_MODE"
            value = var.llm_mode
          }

          dynamic "env" {
            for_each = { for name, value in { LLM_BASE_URL = var.llm_base_url, LLM_MODEL = var.llm_model } : name => value if value != null }

            content {
              name  = env.key
              value = env.value
            }
          }

          dynamic "env" {
            for_each = ["LLM_API_KEY", "PHI_HASH_KEY"]

            content {
              name = env.value

              value_from {
                secret_key_ref {
                  name = kubernetes_secret_v1.llm.metadata[0].name
                  key  = env.value
                }
              }
            }
          }

          env {
            name  = "VECTOR_MODE"
            value = var.vector_mode
          }

          dynamic "env" {
            for_each = ["PINECONE_API_KEY", "PINECONE_ENVIRONMENT", "PINECONE_INDEX_NAME"]

            content {
              name = env.value

              value_from {
                secret_key_ref {
                  name = kubernetes_secret_v1.pinecone.metadata[0].name
                  key  = env.value
                }
              }
            }
          }

          dynamic "env" {
            for_each = local.base_environment

            content {
              name  = env.key
              value = env.value
            }
          }

          resources {
            requests = local.resources.requests
            limits   = local.resources.limits
          }

          startup_probe {
            period_seconds    = 2
            timeout_seconds   = 2
            failure_threshold = 30

            http_get {
              path = local.live_path
              port = "http"
            }
          }

          readiness_probe {
            period_seconds    = 5
            timeout_seconds   = 2
            failure_threshold = 3

            http_get {
              path = local.ready_path
              port = "http"
            }
          }

          liveness_probe {
            period_seconds    = 10
            timeout_seconds   = 3
            failure_threshold = 6

            http_get {
              path = local.live_path
              port = "http"
            }
          }

          lifecycle {
            pre_stop {
              exec {
                command = ["sleep", local.pre_stop_seconds]
              }
            }
          }

          security_context {
            run_as_non_root            = true
            privileged                 = false
            allow_privilege_escalation = false
            read_only_root_filesystem  = true

            capabilities {
              drop = ["ALL"]
            }
          }

          volume_mount {
            name       = "tmp"
            mount_path = "/tmp"
          }
        }

        volume {
          name = "tmp"

          empty_dir {
            size_limit = "64Mi"
          }
        }
      }
    }
  }

  timeouts {
    create = "10m"
    update = "10m"
  }

  lifecycle {
    ignore_changes = [spec[0].replicas]
  }

  # db-api first, rolled out: it knows what the chat-api of one release earlier sends, not of one later.
  depends_on = [
    kubernetes_deployment_v1.db_api,
    kubernetes_network_policy_v1.allow_dns,
    kubernetes_network_policy_v1.chat_external,
    kubernetes_network_policy_v1.chat_to_db_egress,
    kubernetes_network_policy_v1.default_deny,
  ]
}

resource "kubernetes_service_v1" "chat_api" {
  metadata {
    name      = "chat-api-service"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.chat_api.pods)

    # AWS's controller in the cluster reads type and tags when it makes the load balancer. Ports, certificate and
    # policy it follows in place, so the address stays; but never TCP and TLS by turns on one port.
    annotations = merge(
      {
        "service.beta.kubernetes.io/aws-load-balancer-type"                     = "nlb"
        "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags" = join(",", [for name, value in var.tags : "${name}=${value}"])
      },
      var.certificate_arn == null ? {} : {
        "service.beta.kubernetes.io/aws-load-balancer-ssl-cert"  = var.certificate_arn
        "service.beta.kubernetes.io/aws-load-balancer-ssl-ports" = "443"
        # What AWS takes unasked still speaks TLS 1.0.
        "service.beta.kubernetes.io/aws-load-balancer-ssl-negotiation-policy" = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      },
    )
  }

  spec {
    type                        = "LoadBalancer"
    selector                    = local.chat_api.pods
    external_traffic_policy     = "Cluster"
    load_balancer_source_ranges = var.lb_source_ranges

    port {
      name        = var.certificate_arn == null ? "http" : "https"
      port        = var.certificate_arn == null ? 80 : 443
      target_port = local.chat_api.port
    }
  }
}
