"""After the common files are rendered: the services' files, bakegen.lock and the first commit."""

import json
import sys

sys.path.insert(0, r"""<< generator_dir >>""")

from bakegen.cli import scaffold

scaffold.after_cookiecutter(json.loads(r"""<< cookiecutter | tojson >>"""))
