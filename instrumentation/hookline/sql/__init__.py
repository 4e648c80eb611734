"""Texts of statements and their plans without what is peculiar to one run: the same for the service that sent one and the server that ran it.

sql_text   a statement's text, folded, its hash and summary
sql_plan   a plan, without values, and its name
"""
