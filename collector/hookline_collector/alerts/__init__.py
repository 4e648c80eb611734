"""Rules over what is accepted, and the alerts that they make. `alert` has the records that everybody else sees."""
