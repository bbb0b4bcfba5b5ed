mock_resource "mongodbatlas_advanced_cluster" {
  defaults = {
    connection_strings = { standard_srv = "mongodb+srv://carepath.abc12.mongodb.net" }
  }
}

mock_resource "mongodbatlas_project" {
  defaults = { id = "fedcba9876543210fedcba98" }
}
