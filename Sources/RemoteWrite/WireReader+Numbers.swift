/// Fields that are numbers, checked for their wire types.
extension WireReader {
    mutating func varint(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> UInt64 {
        try expect(WireType.varint, found: type, field: field)
        return try varint()
    }

    mutating func signedVarint(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> Int64 {
        Self.zigzag(try varint(field, type))
    }

    mutating func double(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> Double {
        try expect(WireType.fixed64, found: type, field: field)
        return Double(bitPattern: try fixed64())
    }

    /// Appends packed numbers, or the one of a field that is not packed.
    mutating func signedVarints(
        _ field: UInt32,
        _ type: UInt8,
        _ out: inout [Int64]
    ) throws(WireError) {
        guard type == WireType.lengthDelimited else {
            out.append(try signedVarint(field, type))
            return
        }
        let outerEnd = end
        end = try lengthDelimitedEnd()
        while !isAtEnd { out.append(Self.zigzag(try varint())) }
        end = outerEnd
    }

    /// Appends packed numbers, or the one of a field that is not packed.
    mutating func doubles(
        _ field: UInt32,
        _ type: UInt8,
        _ out: inout [Double]
    ) throws(WireError) {
        guard type == WireType.lengthDelimited else {
            out.append(try double(field, type))
            return
        }
        let outerEnd = end
        end = try lengthDelimitedEnd()
        while !isAtEnd { out.append(Double(bitPattern: try fixed64())) }
        end = outerEnd
    }

    mutating func span(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> (offset: Int32, length: UInt32) {
        try expect(WireType.lengthDelimited, found: type, field: field)
        let outerEnd = end
        end = try lengthDelimitedEnd()
        var span: (offset: Int32, length: UInt32) = (0, 0)
        while !isAtEnd {
            let (field, type) = try tag()
            switch field {
            case 1: span.offset = Int32(truncatingIfNeeded: try signedVarint(field, type))
            case 2: span.length = UInt32(truncatingIfNeeded: try varint(field, type))
            default: try skip(type)
            }
        }
        end = outerEnd
        return span
    }

    private static func zigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: (value >> 1) ^ (0 &- (value & 1)))
    }
}
