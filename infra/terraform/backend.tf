# Which bucket, key, region and lock table is said at init (-backend-config=...):
# a backend block takes no variables, and an account is not a fact of this code.
terraform {
  backend "s3" {
    encrypt = true

    # Beside the DynamoDB table, which upstream has deprecated: both locks are
    # taken until the table can go.
    use_lockfile = true
  }
}
