"""A small partner app: it takes Axle's signed messages, runs simulated devices by them, and reports back."""
