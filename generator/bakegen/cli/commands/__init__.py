"""One module a command: its name is the command's, its `command` the click command."""
