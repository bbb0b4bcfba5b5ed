locals {
  deployments = {
    db_api   = kubernetes_deployment_v1.db_api.metadata[0].name
    chat_api = kubernetes_deployment_v1.chat_api.metadata[0].name
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "this" {
  for_each = local.services

  metadata {
    name      = each.value.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, each.value.pods)
  }

  spec {
    min_replicas = var.scaling.min
    max_replicas = var.scaling.max

    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = local.deployments[each.key]
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

    # A Python process that starts looks like load: up in steps, down slowly.
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

# One pod at a time may be moved, so that nodes can be drained while the service goes on.
resource "kubernetes_pod_disruption_budget_v1" "this" {
  for_each = local.services

  metadata {
    name      = each.value.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, each.value.pods)
  }

  spec {
    max_unavailable = "1"

    selector {
      match_labels = each.value.pods
    }
  }
}
