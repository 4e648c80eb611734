day BETWEEN {first:Date} AND {last:Date} AND NOT (day IN {open:Array(Date)}) AND gone = 0 AND version >= transform(
    roundDown(toUInt16(day), {from_days:Array(UInt16)}), {from_days:Array(UInt16)}, {versions:Array(UInt64)}, toUInt64(0))
