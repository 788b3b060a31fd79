"""What follows from rules alone, whoever is asked: who is in one segment is in another, nobody can be in a third."""

from lenticular.criteria.proof.implies import implies, implies_any, is_impossible

__all__ = ["implies", "implies_any", "is_impossible"]
