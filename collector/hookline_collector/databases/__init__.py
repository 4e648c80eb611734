"""What is known of services and databases beyond rows: percentiles of counts, trees of waiting sessions, forecasts, the look of now.

Pure functions, but for `live_looks`, which keeps the newest look of each database in memory, and `stored_forecasts`, which stores forecasts.
"""
