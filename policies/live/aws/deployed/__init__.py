"""What an account has, in Terraform's spelling: the way back from `policies/live/aws/rows/`, by reading alone."""
