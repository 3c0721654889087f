"""What is read of each type of resource, by service: how it is found, and how it is told in Terraform's spelling."""
