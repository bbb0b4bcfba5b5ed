mock_provider "kubernetes" {
  source = "../../mocks"
}

run "a_tag_for_db_api" {
  command = plan

  variables {
    db_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api:latest"
  }

  expect_failures = [var.db_api_image]
}

run "a_tag_for_chat_api" {
  command = plan

  variables {
    chat_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-chat-api:1.4.2"
  }

  expect_failures = [var.chat_api_image]
}

run "a_digest_cut_short" {
  command = plan

  variables {
    db_api_image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/carepath-db-api@sha256:abc"
  }

  expect_failures = [var.db_api_image]
}

run "an_unknown_vector_mode" {
  command = plan

  variables {
    vector_mode = "faiss"
  }

  expect_failures = [var.vector_mode]
}

run "one_pod" {
  command = plan

  variables {
    scaling = { min = 1, max = 6, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "fewer_pods_at_most_than_at_least" {
  command = plan

  variables {
    scaling = { min = 4, max = 3, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "no_load_to_aim_at" {
  command = plan

  variables {
    scaling = { min = 3, max = 6, cpu_percent = 0 }
  }

  expect_failures = [var.scaling]
}

run "more_load_than_there_is" {
  command = plan

  variables {
    scaling = { min = 3, max = 6, cpu_percent = 101 }
  }

  expect_failures = [var.scaling]
}

run "a_load_balancer_for_nobody_named" {
  command = plan

  variables {
    lb_source_ranges = []
  }

  expect_failures = [var.lb_source_ranges]
}

run "a_load_balancer_for_an_address_not_a_range" {
  command = plan

  variables {
    lb_source_ranges = ["203.0.113.7"]
  }

  expect_failures = [var.lb_source_ranges]
}

run "a_load_balancer_for_everybody" {
  command = plan

  variables {
    lb_source_ranges = ["203.0.113.0/24", "0.0.0.0/0"]
  }

  expect_failures = [var.lb_source_ranges]
}

run "a_certificate_of_iam" {
  command = plan

  variables {
    certificate_arn = "arn:aws:iam::123456789012:server-certificate/carepath"
  }

  expect_failures = [var.certificate_arn]
}

run "a_load_balancer_for_everybody_asked_for_by_name" {
  command = plan

  variables {
    lb_source_ranges  = ["0.0.0.0/0"]
    allow_public_chat = true
  }

  assert {
    condition     = kubernetes_service_v1.chat_api.spec[0].load_balancer_source_ranges == toset(["0.0.0.0/0"])
    error_message = "Who asks for it gets it."
  }
}

run "a_load_balancer_for_a_range_of_ipv6" {
  command = plan

  variables {
    lb_source_ranges = ["2001:db8::/32"]
  }

  expect_failures = [var.lb_source_ranges]
}

run "half_a_pod" {
  command = plan

  variables {
    scaling = { min = 2.5, max = 6, cpu_percent = 60 }
  }

  expect_failures = [var.scaling]
}

run "a_load_balancer_for_both_halves_of_everybody" {
  command = plan

  variables {
    lb_source_ranges = ["0.0.0.0/1", "128.0.0.0/1"]
  }

  expect_failures = [var.lb_source_ranges]
}

run "a_database_at_no_port" {
  command = plan

  variables {
    mongodb_egress = { cidr = "10.20.3.4/32", port = 0 }
  }

  expect_failures = [var.mongodb_egress]
}

run "an_unknown_llm_mode" {
  command = plan

  variables {
    llm_mode = "gpt"
  }

  expect_failures = [var.llm_mode]
}

run "a_model_in_the_clear" {
  command = plan

  variables {
    llm_base_url = "http://llm.example.com/v1"
  }

  expect_failures = [var.llm_base_url]
}

run "a_model_at_a_port_that_is_closed" {
  command = plan

  variables {
    llm_base_url = "https://llm.example.com:8443/v1"
  }

  expect_failures = [var.llm_base_url]
}

run "a_model_behind_a_password" {
  command = plan

  variables {
    llm_base_url = "https://user:password@llm.example.com/v1"
  }

  expect_failures = [var.llm_base_url]
}

run "a_tag_that_reads_as_two" {
  command = plan

  variables {
    tags = { Project = "carepath,Owner=nobody" }
  }

  expect_failures = [var.tags]
}
