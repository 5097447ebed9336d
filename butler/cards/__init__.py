"""The cards of actions: what their owner sees before they decide, made by code from the bytes to be carried out."""
