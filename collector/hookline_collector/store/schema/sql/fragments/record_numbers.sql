-- number: an attribute of a record as a whole number; decimal: as one with a fraction, from 0 to 1e15; 0 where there is none.
attribute -> toInt64OrZero(LogAttributes[attribute]) AS number,
attribute -> greatest(0., least(1e15, ifNotFinite(toFloat64OrZero(LogAttributes[attribute]), 0.))) AS decimal
