"""How far a quantised model is from its original: answers, maps, tensors, gates."""
