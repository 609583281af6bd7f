"""Checked equations and update systems to the kernel language.

What is constant moves out of the loop; what is computed keeps the order of the modeller.
"""
