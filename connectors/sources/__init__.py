"""One module or package per source. A source imports the shared modules and no other source."""
