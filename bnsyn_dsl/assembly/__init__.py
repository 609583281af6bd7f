"""From a compiled plan to a simulation: values are drawn, arrays allocated, synapses built."""
