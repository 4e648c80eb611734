"""What a session costs the machine: the agent's process tree and the machine as a whole.

tree      counters of a process tree that never go back, whatever its children do
table     reading processes by psutil: everything may vanish or be forbidden at any time
machine   CPU, memory and pressure of the machine
points    samples as OTLP metrics
"""

from hookline.resources.machine import MachineReader, MachineSample
from hookline.resources.tree import TreeSample, TreeWatch

__all__ = ["MachineReader", "MachineSample", "TreeSample", "TreeWatch"]
