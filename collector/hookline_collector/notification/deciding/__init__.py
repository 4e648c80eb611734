"""Who is notified of what, and when. Everything here is pure: alerts, plan, silences and the time are arguments."""
