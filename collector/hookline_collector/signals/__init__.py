"""Agents' signals as observations: what one span or log record says about one session."""
