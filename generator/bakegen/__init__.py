"""bakegen keeps Dockerfiles, docker-bake.hcl, workflow and Compose files of one repository in step."""
