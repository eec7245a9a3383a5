"""Korean names in any writing, read as syllables and compared there.

>>> from bongsu.screen.korean import compare, read
>>> read("Pak Jin Hek").hangul
'박 진혁'
>>> round(compare("박진혁", "Park Jin Hyok").score, 1)
1.0
"""

from bongsu.screen.korean.compare import Comparison, Step, compare, compare_readings
from bongsu.screen.korean.reading import Path, Position, Reading, read

__all__ = ["Comparison", "Path", "Position", "Reading", "Step", "compare", "compare_readings", "read"]
