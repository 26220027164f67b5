"""How hard hypothesis tries: HYPOTHESIS_PROFILE is `check` (seconds), `test` (minutes) or `fuzz` (as long as it takes).

The first two draw the same examples every time, so that a change and nothing else makes them fail; `fuzz` looks for more.
"""

import os

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow]

settings.register_profile("check", max_examples=10, deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("test", max_examples=100, deadline=None, derandomize=True, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("fuzz", max_examples=5000, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))
