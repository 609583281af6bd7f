"""Kernels to text: printers and templates, one folder per backend."""
