"""Architecture families with random seeded weights, and how a conversion of one is measured."""
