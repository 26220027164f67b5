/*
 * Build definition of Ledger.
 * Please keep the comments: half of them were bought with an outage.
 */

variable "REPO" {
  default     = "registry.example.com/ledger"
  description = "where images go"
  validation {
    condition     = REPO != ""
    error_message = "REPO is empty."
  }
}

variable "VERSION" {
  default = "" # set by CI
  validation {
    condition     = VERSION == "" || can(regex("^[0-9]+\\.[0-9]+$", VERSION))
    error_message = "VERSION looks like 1.2."
  }
}

# every image has the same two tags
function "tag" {
  params = [name]
  result = VERSION == "" ? ["${REPO}/${name}:edge"] : ["${REPO}/${name}:${VERSION}", "${REPO}/${name}:edge"]
}

function "cache" {
  params   = [name]
  variadic_params = extra
  result   = concat(["type=registry,ref=${REPO}/cache:${name}"], extra)
}

group "default" { // what a developer wants
  targets = ["api", "web",
    "admin", # only for the back office
  ]
}

// ---- bases ------------------------------------------------------------

target "docker-metadata-action" {}

target "_platforms" {
  platforms = VERSION == "" ? [] : ["linux/amd64"]
}

target "common" {
  inherits = ["_platforms", "docker-metadata-action"]
  labels = {
    "com.example.team" = "ledger"   # asked for by the platform team
  }
}

target "node" {
  inherits = ["common"]
  args = { NODE_VERSION = "24" }
  dockerfile = "Dockerfile.prod"
}

// ---- images -----------------------------------------------------------

target "api" {
  inherits   = ["common"]
  context    = "apps/api" # not the root: the root has 4 GB of fixtures
  tags       = tag("api")
  cache-from = cache("api", "type=gha")
}

target "web" {
  inherits = ["node"]
  context  = "apps/web"
  tags     = tag("web")
}

/* the back office */
target "admin" {
  inherits = ["web"] // same image, other pages
  context  = "apps/admin"
  args     = { PAGES = "admin" }
  tags     = tag("admin")
}

target "api-test" {
  inherits = ["api"]
  target   = "test"
  output   = ["type=cacheonly"]
}

target "backup" {
  inherits = ["common"]
  context  = "."
  dockerfile = "images/backup/Dockerfile"
  tags     = tag("backup")
}
