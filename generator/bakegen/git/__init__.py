"""Everything about git: what a command needs to know of a repository, and the few things that it tells it to do.

No other module runs git, and here it runs no hook, no pager and no network.
"""

from bakegen.git.history import archive, files, find_blob, find_lock, versions
from bakegen.git.lines import merge_file
from bakegen.git.repository import attribute, configure, first_commit, forget, next_step, settings, stage
from bakegen.git.unmerged import as_git_left, unmerged

__all__ = [
    "archive",
    "as_git_left",
    "attribute",
    "configure",
    "files",
    "find_blob",
    "find_lock",
    "first_commit",
    "forget",
    "merge_file",
    "next_step",
    "settings",
    "stage",
    "unmerged",
    "versions",
]
