"""A minute of chaos; `make test-chaos` runs ten."""
import os
import random
import unittest

from chaos import Chaos


class Storm(unittest.TestCase):
    def test_a_minute(self):
        said = []
        seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(1 << 30)))
        try:
            Chaos(60, seed, said.append).run()
        except AssertionError as e:
            raise AssertionError("\n".join([*said, str(e)])) from None
