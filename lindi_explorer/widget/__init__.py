"""The Jupyter widget: it carries messages and traits, and thinks nothing."""
