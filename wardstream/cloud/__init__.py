"""Wardstream on AWS: packages the templates, deploys and removes a stack, and looks whether it works."""
