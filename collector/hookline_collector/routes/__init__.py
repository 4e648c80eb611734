"""Routes of services that became slower than they were.

route_points     requests, calls and loops of a service, from what it tells
route_intervals  their sums by half a minute, of all its processes
route_book       the histories of routes, and what became slower (`hookline.slowdowns`)
past_routes      what the store knows of the hours and days before, after a start
slower_record    what is told of a route, and what else changed at that time
route_watch      the service that closes intervals and tells
"""
