"""Terraform as it is written: folders, modules, variables, versions, state."""
