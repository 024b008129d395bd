"""Electronic seals (电子印章) and seal signatures (电子签章): the structures of GB/T 38540 and its kin, read and judged."""
