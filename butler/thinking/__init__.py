"""What runs in a thinker: the graph of a workflow and the model, over what the other side of the seam offers."""
