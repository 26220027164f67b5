"""How CI builds and publishes: the table `[pipeline]`, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass

FAN_OUTS = ("platform", "service")
BUILDERS = ("runner", "remote", "kubernetes")
LATEST = ("branch", "version")
SCANS = ("off", "report", "high", "critical")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pipeline:
    """How .github/workflows/images.yml works; the first of each list above is the default."""

    fan_out: str = FAN_OUTS[0]
    affected: bool = False
    builder: str = BUILDERS[0]
    latest: str = LATEST[0]
    pr_tags: bool = False
    provenance: bool = True
    sbom: bool = False
    attest: bool = False
    sign: bool = False
    scan: str = SCANS[0]
