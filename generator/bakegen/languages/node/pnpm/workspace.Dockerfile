<% import "languages/node/parts.jinja" as node with context %>
# syntax=docker/dockerfile:1
# The install that all members of the workspace share: docker-bake.hcl has it built once, in place of the stage of the
# same name in each member's Dockerfile.

<< node.workspace() >>
