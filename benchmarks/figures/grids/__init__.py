"""Parts of `trained_grids.py`: quantized models, what survives of them, how near layers are."""
