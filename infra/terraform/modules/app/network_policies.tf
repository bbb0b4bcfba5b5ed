# Everything is forbidden first; each further policy opens one way. A node may
# always reach its own pods, so probes need no rule.

locals {
  # Neither the VPC's own addresses nor the nodes' metadata service.
  not_internet = [var.vpc_cidr, "169.254.0.0/16"]

  # In mock mode chat-api asks nobody outside the cluster, so it cannot.
  chat_needs_internet = var.llm_mode != "mock" || var.vector_mode != "mock"
}

resource "kubernetes_network_policy_v1" "default_deny" {
  metadata {
    name      = "default-deny"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Ingress", "Egress"]

    pod_selector {}
  }
}

resource "kubernetes_network_policy_v1" "allow_dns" {
  metadata {
    name      = "allow-dns"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Egress"]

    pod_selector {}

    egress {
      to {
        namespace_selector {
          match_labels = { "kubernetes.io/metadata.name" = "kube-system" }
        }

        pod_selector {
          match_labels = { "k8s-app" = "kube-dns" }
        }
      }

      ports {
        protocol = "UDP"
        port     = "53"
      }

      ports {
        protocol = "TCP"
        port     = "53"
      }
    }
  }
}

resource "kubernetes_network_policy_v1" "chat_to_db_egress" {
  metadata {
    name      = "chat-to-db-egress"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Egress"]

    pod_selector {
      match_labels = local.chat_api.pods
    }

    egress {
      to {
        pod_selector {
          match_labels = local.db_api.pods
        }
      }

      ports {
        protocol = "TCP"
        port     = local.db_api.port
      }
    }
  }
}

resource "kubernetes_network_policy_v1" "db_from_chat_ingress" {
  metadata {
    name      = "db-from-chat-ingress"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Ingress"]

    pod_selector {
      match_labels = local.db_api.pods
    }

    ingress {
      from {
        pod_selector {
          match_labels = local.chat_api.pods
        }
      }

      ports {
        protocol = "TCP"
        port     = local.db_api.port
      }
    }
  }
}

# Atlas moves its hosts: the port is fixed, the addresses are not.
resource "kubernetes_network_policy_v1" "db_to_mongo" {
  metadata {
    name      = "db-to-mongo"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Egress"]

    pod_selector {
      match_expressions {
        key      = "app.kubernetes.io/name"
        operator = "In"
        values   = [local.db_api.name, local.demo_data.name]
      }
    }

    egress {
      to {
        ip_block {
          cidr   = var.mongodb_egress.cidr
          except = var.mongodb_egress.cidr == "0.0.0.0/0" ? local.not_internet : []
        }
      }

      ports {
        protocol = "TCP"
        port     = tostring(var.mongodb_egress.port)
      }
    }
  }
}

# The load balancer comes through the nodes, which put their own address in the client's place.
resource "kubernetes_network_policy_v1" "chat_external" {
  metadata {
    name      = "chat-external"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Ingress", "Egress"]

    pod_selector {
      match_labels = local.chat_api.pods
    }

    ingress {
      from {
        ip_block {
          cidr = var.vpc_cidr
        }
      }

      ports {
        protocol = "TCP"
        port     = local.chat_api.port
      }
    }

    dynamic "egress" {
      for_each = local.chat_needs_internet ? ["https"] : []

      content {
        to {
          ip_block {
            cidr   = "0.0.0.0/0"
            except = local.not_internet
          }
        }

        ports {
          protocol = "TCP"
          port     = "443"
        }
      }
    }
  }
}

resource "kubernetes_network_policy_v1" "metrics" {
  count = var.metrics_namespace == null ? 0 : 1

  metadata {
    name      = "metrics"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.labels
  }

  spec {
    policy_types = ["Ingress"]

    pod_selector {
      match_expressions {
        key      = "app.kubernetes.io/name"
        operator = "In"
        values   = [for service in local.services : service.name]
      }
    }

    ingress {
      from {
        namespace_selector {
          match_labels = { "kubernetes.io/metadata.name" = var.metrics_namespace }
        }
      }

      dynamic "ports" {
        for_each = local.services

        content {
          protocol = "TCP"
          port     = ports.value.metrics
        }
      }
    }
  }
}
