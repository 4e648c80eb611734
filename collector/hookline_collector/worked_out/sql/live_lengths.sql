AND NOT has({live:Array(String)}, concat(toString(from_ns - from_ns % 1800000000000), ' ', user))
        UNION ALL
        SELECT row.*
        FROM (
            SELECT arrayJoin(JSONExtract({spells:String}, 'Array(Tuple(of_project UInt8, user String, project String, from_ns Int64, to_ns Int64))')) AS row
        )
