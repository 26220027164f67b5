"""What uvicorn serves: `uvicorn app.main:app`."""

import os

from app.application import configure_logging, create_app
from app.settings import Settings

settings = Settings.from_environment(os.environ)
configure_logging(settings.log_level)
app = create_app(settings)
