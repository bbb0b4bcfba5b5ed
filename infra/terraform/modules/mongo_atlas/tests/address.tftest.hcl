mock_provider "mongodbatlas" {
  source          = "../../../mocks"
  override_during = plan
}

run "the_whole_address" {
  command = plan

  assert {
    condition     = nonsensitive(output.mongodb_connection_string) == "mongodb+srv://carepath-db-api:planted-password@carepath.abc12.mongodb.net/carepath?retryWrites=true&w=majority"
    error_message = "Scheme, user, password, host, database and options, in this order."
  }

  assert {
    condition     = issensitive(output.mongodb_connection_string)
    error_message = "The address is sensitive."
  }

  assert {
    condition     = output.mongodb_host == "carepath.abc12.mongodb.net"
    error_message = "The host is told without what is secret."
  }
}

# All that RFC 3986 reserves, and what else would end or change a part of the address.
run "a_password_of_reserved_characters" {
  command = plan

  variables {
    password = "a:/?#[]@!$&'()*+,;=%b c"
  }

  assert {
    condition     = split("@", nonsensitive(output.mongodb_connection_string))[0] == "mongodb+srv://carepath-db-api:a%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25b%20c"
    error_message = "Each is percent-encoded, and a blank is %20, which every driver reads back as one."
  }

  assert {
    condition     = length(split("@", nonsensitive(output.mongodb_connection_string))) == 2
    error_message = "The only at sign is the one before the host."
  }
}

run "a_password_beyond_ascii" {
  command = plan

  variables {
    password = "schlüssel~-._"
  }

  assert {
    condition     = strcontains(nonsensitive(output.mongodb_connection_string), ":schl%C3%BCssel~-._@")
    error_message = "It is encoded as UTF-8, and what needs no encoding stays."
  }
}

run "a_user_with_an_at_sign" {
  command = plan

  variables {
    username = "db api@carepath"
  }

  assert {
    condition     = startswith(nonsensitive(output.mongodb_connection_string), "mongodb+srv://db%20api%40carepath:")
    error_message = "The user is encoded like the password."
  }

  assert {
    condition     = mongodbatlas_database_user.app.username == "db api@carepath"
    error_message = "Atlas is told the user as it is."
  }
}

run "a_cluster_without_an_srv_address" {
  command = plan

  override_resource {
    target          = mongodbatlas_advanced_cluster.this
    override_during = plan
    values          = { connection_strings = { standard_srv = "" } }
  }

  expect_failures = [output.mongodb_connection_string]
}
