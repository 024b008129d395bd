"""Life of a seal (电子印章): who may have it made, who may use it, and for what."""
