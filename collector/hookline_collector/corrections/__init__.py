"""Corrections by hand: what a person says of their work that measuring could not know.

A correction is a fact of its own: whose time, from when to when, what of it is so (`correction.CorrectionKind`), who said so, when and why. It never
changes what was measured. Reports tell both: what was measured, and what it comes to with the corrections that were not withdrawn
(`corrected_work`, pure). So taking all of them back gives the measured figures again.

    project   this work belongs to that project
    no_work   this was no work
    add       here was work that nothing measured

They count in the order in which they were said: of two about the same time the later one is right. A correction's name makes it one: saying it twice
is saying it once, and saying it again after it was withdrawn makes it count again.
"""
