"""From an analysed plan to the shape of its time loop: what is lowered, what array it reads."""
