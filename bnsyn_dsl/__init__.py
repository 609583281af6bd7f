"""bnsyn-dsl: equations as in the paper, compiled to fast, reproducible kernels."""

__version__ = "0.1.0"
