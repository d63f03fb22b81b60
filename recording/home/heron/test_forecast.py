import unittest

import forecast
from gauge import Reading

RISING = [Reading(0, 1.0), Reading(30, 1.2), Reading(60, 1.4)]


class RateOfRise(unittest.TestCase):
    def test_a_steady_rise(self) -> None:
        self.assertAlmostEqual(forecast.rate_of_rise(RISING), 0.4)


class Forecast(unittest.TestCase):
    def test_half_an_hour_ahead(self) -> None:
        self.assertAlmostEqual(forecast.forecast(RISING, 30), 1.6)
