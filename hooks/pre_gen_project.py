"""Before anything is rendered: the answers again (a replay has not been asked), and no project in the way."""

import json
import sys

sys.path.insert(0, r"""<< generator_dir >>""")

from bakegen.cli import scaffold

scaffold.before_cookiecutter(json.loads(r"""<< cookiecutter | tojson >>"""))
