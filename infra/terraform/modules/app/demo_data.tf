# The synthetic patients, loaded once into each database: a demo without a record
# answers every question with "unknown patient". Loading again changes nothing.

locals {
  demo_data = { name = "demo-data", pods = { "app.kubernetes.io/name" = "demo-data" } }
}

# What tells a database from the one before it, which held the data already.
resource "terraform_data" "database" {
  count = var.load_demo_data ? 1 : 0

  input = "${var.mongodb_server}/${var.mongodb_db_name}"
}

resource "kubernetes_job_v1" "demo_data" {
  count = var.load_demo_data ? 1 : 0

  metadata {
    name      = local.demo_data.name
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = merge(local.labels, local.demo_data.pods)
  }

  spec {
    # Atlas takes up to a minute to let the cluster's addresses in.
    backoff_limit = 6

    template {
      metadata {
        labels = merge(local.labels, local.demo_data.pods)
      }

      spec {
        service_account_name            = kubernetes_service_account_v1.this["db_api"].metadata[0].name
        automount_service_account_token = false
        enable_service_links            = false
        restart_policy                  = "Never"

        security_context {
          run_as_non_root = true
          run_as_user     = local.user
          run_as_group    = local.user
          fs_group        = local.user

          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        container {
          name              = local.demo_data.name
          image             = var.db_api_image
          image_pull_policy = "IfNotPresent"
          command           = ["python", "-m", "service_db_api.seed"]

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

  wait_for_completion = true

  timeouts {
    create = "10m"
    update = "10m"
  }

  lifecycle {
    # A job's pod cannot be changed, and a new image is no reason to load the same data again.
    ignore_changes = [spec[0].template[0].spec[0].container[0].image]

    replace_triggered_by = [terraform_data.database[count.index]]
  }

  # No pod runs before the rules it runs under.
  depends_on = [
    kubernetes_network_policy_v1.allow_dns,
    kubernetes_network_policy_v1.db_to_mongo,
    kubernetes_network_policy_v1.default_deny,
  ]
}
