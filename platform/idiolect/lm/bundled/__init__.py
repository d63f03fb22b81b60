"""The small language model that ships with Idiolect: where its files lie and what it is called."""

from pathlib import Path

MODEL_NAME = "idiolect-bundled"
MODEL_DIR = Path(__file__).parent
