"""AWS by boto3: clients, ECR, and the records in the state's bucket."""
