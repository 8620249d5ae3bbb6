"""Other agents that the model begins: threads of their own beside the one that began them."""
