"""Finding and replacing spans of bytes: scanners that never print, and `splice`, the only maker of new bytes."""
