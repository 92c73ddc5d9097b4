"""The tests. Nothing that is loaded for them is garbage; the collector begins with the first."""

import gc

gc.disable()
gc.set_threshold(20_000, 20, 20)
