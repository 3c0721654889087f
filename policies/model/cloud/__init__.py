"""Resources of the cloud, as Terraform evaluates them or an API gives them."""
