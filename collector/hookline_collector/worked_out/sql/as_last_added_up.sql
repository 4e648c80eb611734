AND version >= transform(
    roundDown(toUInt16(day), {from_days:Array(UInt16)}), {from_days:Array(UInt16)}, {versions:Array(UInt64)}, toUInt64(0))