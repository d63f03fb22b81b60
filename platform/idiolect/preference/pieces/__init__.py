"""The small pure pieces that every objective is made of; each file is one family of them."""
