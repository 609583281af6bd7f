"""The kernel language: frozen nodes, operations with an exact meaning, verification, passes."""
