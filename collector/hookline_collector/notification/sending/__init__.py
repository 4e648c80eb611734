"""A message to a target, once: connecting to a checked address, time-outs, and what the answer means. Retrying is the queue's business."""
