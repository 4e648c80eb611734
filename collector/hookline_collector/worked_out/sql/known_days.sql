-- Up to which day were days added up, and which are open?
SELECT toUInt16(day), version, is_open
FROM worked_days_known FINAL
