"""The proofs, one file each; ``idiolect.proofs`` lists them."""
