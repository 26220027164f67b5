"""The generator: `scaffold` is cookiecutter's door to it, `bakegen` the package that is installed."""
