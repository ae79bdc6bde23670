"""Named, versioned features for models, computed from one profile.

What an attribute is called, looks at and means is data: a catalogue, `config/attributes/`. How it
is measured stands here: a module for each family, one small function a measure, which the
definition gives its window and its selection of accounts. A value that has no meaning for this
person is None with a stable reason, never a zero that could be read as good news: `no_source`
when nobody who lists these records brought a report, `no_file` when those who answered do not
know the person, `out_of_range` for what no JSON number holds, and the measures' own reasons.
"""

from gateway.attributes.catalogue import Catalogue, Catalogues
from gateway.attributes.compute import compute

__all__ = ["Catalogue", "Catalogues", "compute"]
