"""The process itself: what holds all requests up at once.

loop_watch        how late the event loop is, and which callback holds it up
gc_watch          pauses for garbage collection
process_figures   memory, processor time, threads, descriptors, I/O, pressure; read when metrics are collected
"""

from hookline.services.runtime.runtime_watch import RuntimeWatch

__all__ = ["RuntimeWatch"]
