"""Where the records lie: MongoDB through one driver, or its embedded stand-in."""
