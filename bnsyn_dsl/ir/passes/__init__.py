"""Passes: pure functions from kernel to kernel; the kernel is verified after each."""
