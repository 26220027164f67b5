"""Three-way merges of text files that keep every byte they have no reason to change.

Scanners find spans and never print; `splice` is the only maker of new bytes. The scanners and what works on their
trees are imported when a file needs them: most runs merge nothing.
"""

from __future__ import annotations

from bakegen.merge.file import merge
from bakegen.merge.outcome import Conflict, Conflicted, Favor, Markers, Merged, Outcome, Refused

__all__ = ["Conflict", "Conflicted", "Favor", "Markers", "Merged", "Outcome", "Refused", "merge"]
