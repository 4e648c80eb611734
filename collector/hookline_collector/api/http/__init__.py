"""What every route shares: endpoints as rows, access, JSON, problems, the OpenAPI description."""
