"""Where an agent works: folder, project, repository, branch."""
