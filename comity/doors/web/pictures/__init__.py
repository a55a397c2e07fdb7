"""What pictures are made of: plain data and places, worked out here, so that a page, its table and its JSON twin say the same."""
