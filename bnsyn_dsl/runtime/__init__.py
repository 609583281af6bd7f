"""Run generated kernels: connectivity, spike log, recording, threads. Knows no neuron."""
