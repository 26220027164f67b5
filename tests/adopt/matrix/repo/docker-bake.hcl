// Images of the storefront backend.
// One matrix for the Go services, one for the two flavours of the documentation.

variable "REGISTRY" {
  default = "ghcr.io/northwind"
}

variable "TAG" {
  default = "dev"
}

variable "GO_VERSION" { default = "1.25" }

group "default" {
  targets = ["go", "docs-html"]
}

group "all" {
  targets = ["default", "docs", "tools"]
}

target "_base" {
  platforms = ["linux/amd64", "linux/arm64"]
  labels = {
    "org.opencontainers.image.source" = "https://github.com/northwind/storefront"
  }
}

target "go" {
  name     = svc.name
  inherits = ["_base"]
  matrix = {
    svc = [
      { name = "gateway", port = 8080 },
      { name = "catalog", port = 8081 },
      { name = "mailer", port = 0 },
    ]
  }
  context    = "services/${svc.name}"
  dockerfile = "../../docker/go.Dockerfile"
  args = {
    GO_VERSION = GO_VERSION
    PORT       = svc.port
  }
  tags = ["${REGISTRY}/storefront-${svc.name}:${TAG}"]
}

target "docs" {
  name     = "docs-${kind}"
  matrix   = { kind = ["html", "pdf"] }
  inherits = ["_base"]
  context  = "docs"
  target   = kind
  tags     = ["${REGISTRY}/storefront-docs:${TAG}-${kind}"]
}

# names of these only bake can tell
target "tools" {
  name    = "tool-${replace(version, ".", "-")}"
  matrix  = { version = ["1.2", "1.3"] }
  context = "tools"
}
