"""Who does not want to hear from whom, what people report, and what is decided about it.

Owns Block, Report, Decision, Appeal and Opening. A room registers what of it can be reported; staff
see the snapshot that was reported, and more only by breaking the glass, with a reason that is told.
Of two who decide at once one wins. Each decision against somebody has a statement of reasons, and
one appeal, decided by somebody else where there is somebody else.
"""
