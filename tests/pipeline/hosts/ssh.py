"""An `ssh` that goes nowhere: it notes what it was given, and is the Docker of this machine."""

from pathlib import Path

USER, HOST = "deploy", "shop.example.com"
ADDRESS = f"ssh://{USER}@{HOST}"
SCRIPT = """\
#!/bin/sh
case "$*" in *"-l {user} "*" -- {host} docker system dial-stdio") ;; *) exit 255 ;; esac
case "$*" in *"-o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile="*) ;; *) exit 254 ;; esac
while [ "$1" != -i ]; do shift; done
{{
  stat --format '%a' "$2"
  cat "$2"
  for word; do case $word in UserKnownHostsFile=*) eval cat "${{word#*=}}" ;; esac; done
}} >'{log}'
DOCKER_HOST='{docker}' exec docker system dial-stdio
"""


def install(folder: Path, docker: str) -> Path:
    """Put it into a new folder. It writes the mode of the key, the key, and the known hosts to the file that is given back."""
    folder.mkdir()
    log = folder / "log"
    program = folder / "ssh"
    program.write_text(SCRIPT.format(user=USER, host=HOST, log=log, docker=docker), encoding="utf-8")
    program.chmod(0o755)
    return log
