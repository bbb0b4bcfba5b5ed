resource "kubernetes_horizontal_pod_autoscaler_v2" "db_api" {
  metadata {
    name      = local.db_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.db_api_pods)
  }

  spec {
    min_replicas = var.scaling.min
    max_replicas = var.scaling.max

    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment_v1.db_api.metadata[0].name
    }

    metric {
      type = "Resource"

      resource {
        name = "cpu"

        target {
          type                = "Utilization"
          average_utilization = var.scaling.cpu_percent
        }
      }
    }

    # A starting Python process looks like load: up in steps, down slowly.
    behavior {
      scale_up {
        stabilization_window_seconds = 30
        select_policy                = "Max"

        policy {
          type           = "Pods"
          value          = 2
          period_seconds = 60
        }
      }

      scale_down {
        stabilization_window_seconds = 300
        select_policy                = "Max"

        policy {
          type           = "Pods"
          value          = 1
          period_seconds = 60
        }
      }
    }
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "chat_api" {
  metadata {
    name      = local.chat_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.chat_api_pods)
  }

  spec {
    min_replicas = var.scaling.min
    max_replicas = var.scaling.max

    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment_v1.chat_api.metadata[0].name
    }

    metric {
      type = "Resource"

      resource {
        name = "cpu"

        target {
          type                = "Utilization"
          average_utilization = var.scaling.cpu_percent
        }
      }
    }

    behavior {
      scale_up {
        stabilization_window_seconds = 30
        select_policy                = "Max"

        policy {
          type           = "Pods"
          value          = 2
          period_seconds = 60
        }
      }

      scale_down {
        stabilization_window_seconds = 300
        select_policy                = "Max"

        policy {
          type           = "Pods"
          value          = 1
          period_seconds = 60
        }
      }
    }
  }
}

# One pod at a time may be moved, so that nodes can be drained and service goes on.
resource "kubernetes_pod_disruption_budget_v1" "db_api" {
  metadata {
    name      = local.db_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.db_api_pods)
  }

  spec {
    max_unavailable = "1"

    selector {
      match_labels = local.db_api_pods
    }
  }
}

resource "kubernetes_pod_disruption_budget_v1" "chat_api" {
  metadata {
    name      = local.chat_api.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.chat_api_pods)
  }

  spec {
    max_unavailable = "1"

    selector {
      match_labels = local.chat_api_pods
    }
  }
}
