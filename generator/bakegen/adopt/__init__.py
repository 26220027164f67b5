"""What an existing repository is, read from its bake files, Compose files and Dockerfiles. Pure: bytes in, Project out."""
