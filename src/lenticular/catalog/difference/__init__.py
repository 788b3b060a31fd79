"""What is different between two versions of a definition, in sentences."""

from lenticular.catalog.difference.told import Difference, Naming, difference, follows_keys

__all__ = ["Difference", "Naming", "difference", "follows_keys"]
