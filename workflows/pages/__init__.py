"""Pages: what the workflows share that end in a Markdown page or in a chain of nodes; no workflow of its own."""
