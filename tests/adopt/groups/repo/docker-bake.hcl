target scheduler {
	inherits = ["go"]
	args = {
		CMD = "scheduler"
	}
	tags = ["quay.io/orbit/scheduler:main"]
}

target runner {
  inherits = ["go"]
	args   = { CMD = "runner" }
  tags = [
	  "quay.io/orbit/runner:main",
  ]
}

target "go" {
	dockerfile = "build/Dockerfile.${PACKAGE}"
}

variable "PACKAGE" { default = "go" }

target "ui" {
  context = "ui"
  tags    = ["quay.io/orbit/ui:main"]
}

target "ui-assets" {
  inherits = ["ui"]
  target = "assets"
  output = ["type=local,dest=out"]
}

group "backend" {
	targets = [ "scheduler", "runner" ]
}

group "frontend" { targets = ["ui"] }

group "default" {
	targets = [
		"backend"
	, "frontend"
	]
}
