# What is built and how: one target per image. CI runs this file too, with other values of the variables below.
#
#   docker buildx bake                  build all images for this machine and load them into Docker
#   docker buildx bake NAME             build one image
#   docker buildx bake test             run the tests of all services; NAME-test runs those of one
#   docker buildx bake --list=targets   show all names; --list=variables shows what can be set
#
# An environment variable of the same name sets a variable, so this publishes:
#
#   PUSH=true TAGS=1.0,latest PLATFORMS=<< project.platforms | join(",") >> docker buildx bake
#
# Bake reads docker-bake.override.hcl after this file: a place for settings of your own.

variable "IMAGES" {
  type        = string
  default     = << project.images | hcl >>
  description = "Start of all image names: the image of a service is IMAGES-service"
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$", IMAGES))
    error_message = "IMAGES must be a lower-case image name without a tag, such as ghcr.io/acme/shop."
  }
}

variable "TAGS" {
  type        = list(string)
  default     = ["latest"]
  description = "Tags of every image, separated by commas"
  validation {
    condition     = length([for tag in TAGS : tag if !can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", tag))]) == 0
    error_message = "A tag has up to 128 letters, digits, '.', '_' and '-', and starts with none of '.' and '-'."
  }
}

variable "PLATFORMS" {
  type        = list(string)
  default     = []
  description = "Platforms to build for, separated by commas; by default the builder's own"
  validation {
    condition     = length([for name in PLATFORMS : name if !can(regex("^linux/[a-z0-9]+(/v[0-9]+)?$", name))]) == 0
    error_message = "A platform looks like linux/amd64."
  }
}

variable "PUSH" {
  type        = bool
  default     = false
  description = "Push the tags to the registry instead of loading the images into Docker"
}

variable "PUSH_BY_DIGEST" {
  type        = bool
  default     = false
  description = "Push without tags, as CI does: each platform on its own, an index with the tags follows"
}

variable "PROVENANCE" {
  type        = bool
  default     = << project.pipeline.provenance | lower >>
  description = "Attest how each pushed image was built"
}

variable "SBOM" {
  type        = bool
  default     = << project.pipeline.sbom | lower >>
  description = "Attest which packages each pushed image contains"
}

variable "CACHE" {
  type        = string
  default     = "none"
  description = "Where build steps are cached: none (only in the builder), gha (GitHub Actions) or registry"
  validation {
    condition     = contains(["gha", "none", "registry"], CACHE)
    error_message = "CACHE must be gha, none or registry."
  }
}

variable "CACHE_SCOPE" {
  type        = string
  default     = ""
  description = "Keeps caches apart that must not replace each other: CI sets the architecture"
}

variable "CACHE_WRITE" {
  type        = bool
  default     = false
  description = "Write the cache too; otherwise it is only read"
}

variable "REVISION" {
  type        = string
  default     = ""
  description = "Commit that the images are built from"
}

variable "SOURCE" {
  type        = string
  default     = << project.repository | hcl >>
  description = "Address of the repository; links the packages to it on GitHub"
}

variable "SOURCE_DATE_EPOCH" {
  type        = string
  default     = "315532800"
  description = "Date of pushed images and their files, in seconds since 1970: one for all, so that a build of the same sources is the same image"
  validation {
    condition     = can(regex("^[0-9]+$", SOURCE_DATE_EPOCH))
    error_message = "SOURCE_DATE_EPOCH is a number: seconds since 1970."
  }
}

variable "VERSION" {
  type        = string
  default     = ""
  description = "Version that the images are built as"
}

# Index and attestations are for registries: Docker's own builder cannot load them.
pushing = PUSH || PUSH_BY_DIGEST

function "tags" {
  params = [service]
  result = [for tag in TAGS : "${IMAGES}-${service}:${tag}" if !PUSH_BY_DIGEST]
}

function "output" {
  params = [service]
  result = [
    PUSH_BY_DIGEST ? "type=image,name=${IMAGES}-${service},push=true,push-by-digest=true,name-canonical=true"
    : PUSH ? "type=registry"
    : "type=docker"
  ]
}

# Not the date of the commit: that would change the files of packages with every commit, and so build and push them again.
function "reproducible" {
  params = [output]
  result = [
    for each in output : pushing ? "${each},rewrite-timestamp=true,source-date-epoch=${SOURCE_DATE_EPOCH}" : each
  ]
}

function "cache" {
  params = [target]
  result = {
    gha      = "type=gha,scope=${join("-", compact([target, CACHE_SCOPE]))}"
    registry = "type=registry,ref=${IMAGES}-buildcache:${join("-", compact([target, CACHE_SCOPE]))}"
  }
}

function "cache_from" {
  params = [target]
  result = CACHE == "none" ? [] : [cache(target)[CACHE]]
}

# A cache that cannot be written must not fail a build that is good.
function "cache_to" {
  params = [target]
  result = CACHE == "none" || !CACHE_WRITE ? [] : ["${cache(target)[CACHE]},mode=max,ignore-error=true"]
}

# A variable that is not set gives no label and no argument, rather than an empty one.
function "given" {
  params = [value]
  result = value != "" ? value : null
}

<% set tests = namespace(names=[]) %>
<% for service in project.services if "test" in service.stack.stages %>
<% set tests.names = tests.names + [service.name ~ "-test"] %>
<% endfor %>
<% for group, description, names in [
  ("default", "All images", project.services | map(attribute="name") | list),
  ("test", "The tests of all services", tests.names | sort),
] %>
group "<< group >>" {
  description = "<< description >>"
<% if names %>
  targets = [
<% for name in names %>
    "<< name >>",
<% endfor %>
  ]
<% else %>
  targets     = []
<% endif %>
}

<% endfor %>
target "_common" {
  platforms = PLATFORMS
  labels = {
    "org.opencontainers.image.revision" = given(REVISION)
    "org.opencontainers.image.source"   = given(SOURCE)
    "org.opencontainers.image.version"  = given(VERSION)
  }
  args = {
    BUILDKIT_MULTI_PLATFORM = pushing ? "1" : null
  }
  attest = [
    "type=provenance,mode=max,disabled=${!(pushing && PROVENANCE)}",
    "type=sbom,disabled=${!(pushing && SBOM)}",
  ]
}
<# What every target of a service builds with, or of several. #>
<% macro build(given, arguments, secrets) %>
<% set names = ((given | list) + (arguments | list)) | unique | list %>
<% if names %>
<% set width = names | map("length") | max %>
  args = {
<% for name in names | sort %>
    << name.ljust(width) >> = << arguments[name] | hcl if name in arguments else "given(" ~ name ~ ")" >>
<% endfor %>
  }
<% endif %>
<% if secrets %>
  secret = [
<% for name in secrets %>
    "type=env,id=<< name >>,env=<< name >>",
<% endfor %>
  ]
<% endif %>
<% endmacro %>
<% if project.pnpm %>

target "workspace" {
  inherits    = ["_common"]
  description = "The packages of the pnpm workspace, installed once for all of its members"
  context     = "."
  dockerfile  = "workspace.Dockerfile"
  output      = ["type=cacheonly"]
  cache-from  = cache_from("workspace")
  cache-to    = cache_to("workspace")
<< build([], project.workspace_args, project.workspace_secrets) ->>
}
<% endif %>
<% for service in project.services %>
<% for stage in service.stack.shared %>

target "<< service.name >>-<< stage >>" {
  inherits    = ["_common"]
  description = "The stage << stage >> of << service.name >>, built once for all that takes from it"
  context     = << service.context | hcl >>
  dockerfile  = << service.dockerfile_in_context | hcl >>
  target      = "<< stage >>"
  output      = ["type=cacheonly"]
  cache-from  = cache_from("<< service.name >>-<< stage >>")
  cache-to    = cache_to("<< service.name >>-<< stage >>")
<< build(service.stack.args, service.build_args, project.image_secrets(service)) ->>
}
<% endfor %>

target "<< service.name >>" {
  inherits    = ["_common"]
  description = << service.stack.description | hcl >>
  context     = << service.context | hcl >>
  dockerfile  = << service.dockerfile_in_context | hcl >>
<% if service.target %>
  target      = << service.target | hcl >>
<% endif %>
  tags        = tags("<< service.name >>")
  output      = << "reproducible(" if service.stack.managed >>output("<< service.name >>")<< ")" if service.stack.managed >>
  cache-from  = cache_from("<< service.name >>")
  cache-to    = cache_to("<< service.name >>")
<% if service.stack.shared or service.member %>
  contexts = {
<% for stage in service.stack.shared %>
    << stage >> = "target:<< service.name >>-<< stage >>"
<% endfor %>
<% if service.member %>
    workspace = "target:workspace"
<% endif %>
  }
<% endif %>
<< build(service.stack.args, service.build_args, project.image_secrets(service)) ->>
}
<% if "test" in service.stack.stages %>

target "<< service.name >>-test" {
  inherits    = ["<< service.name >>"]
  description = "The tests of << service.name >>"
  target      = "test"
  tags        = []
  output      = ["type=cacheonly"]
  cache-from  = cache_from("<< service.name >>-test")
  cache-to    = cache_to("<< service.name >>-test")
}
<% endif %>
<% endfor %>
