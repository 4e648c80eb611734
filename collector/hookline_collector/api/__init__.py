"""Pages and API: `site` builds the app of its resources. A resource is a small class: one method a handler, and its `routes`, from which
the router and the OpenAPI description are both made; it takes the one to three things that it uses (`assembly.py` hands them over).
"""
