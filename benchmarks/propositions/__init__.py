"""How good propositions are, against what a careful reader concludes and what is truly so."""
