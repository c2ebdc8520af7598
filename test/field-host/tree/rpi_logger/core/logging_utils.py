"""As much of the host's core as a module's discovery imports."""

import logging


def get_module_logger(name: str) -> logging.Logger:
    return logging.getLogger(name)
