mock_resource "kubernetes_service_v1" {
  defaults = {
    status = [{ load_balancer = [{ ingress = [{ hostname = "mock.elb.us-east-1.amazonaws.com", ip = "", ip_mode = "" }] }] }]
  }
}
