import ClusterInterface

/// A parameter of a statement in PostgreSQL's binary format.
enum PostgresParameter {
    case text(String)
    case integer(Int64)
    case bytes(ArraySlice<UInt8>)
    case uuid(BlockID)
    case jsonb(String)
    case smallIntegers([Int32])
    case integers([Int64])
    case uuids([BlockID])
    case texts([String])

    /// The type's number in `pg_type`, the same in every database.
    var typeID: UInt32 {
        switch self {
        case .text: 25
        case .integer: 20
        case .bytes: 17
        case .uuid: 2950
        case .jsonb: 3802
        case .smallIntegers: 1007
        case .integers: 1016
        case .uuids: 2951
        case .texts: 1009
        }
    }

    func append(to buffer: inout [UInt8]) {
        switch self {
        case .text(let text): buffer += text.utf8
        case .integer(let value): Self.append(value, to: &buffer)
        case .bytes(let bytes): buffer += bytes
        case .uuid(let id):
            Self.append(id.high, to: &buffer)
            Self.append(id.low, to: &buffer)
        case .jsonb(let text):
            buffer.append(1)  // version of the format
            buffer += text.utf8
        case .smallIntegers(let values):
            Self.appendArray(values, elementTypeID: 23, to: &buffer)
        case .integers(let values):
            Self.appendArray(values, elementTypeID: 20, to: &buffer)
        case .texts(let texts):
            Self.appendArrayHeader(count: texts.count, elementTypeID: 25, to: &buffer)
            for text in texts {
                Self.append(Int32(text.utf8.count), to: &buffer)
                buffer += text.utf8
            }
        case .uuids(let ids):
            Self.appendArrayHeader(count: ids.count, elementTypeID: 2950, to: &buffer)
            for id in ids {
                Self.append(Int32(16), to: &buffer)
                Self.append(id.high, to: &buffer)
                Self.append(id.low, to: &buffer)
            }
        }
    }

    /// Dimensions, flags, element type; for the one dimension its length and first index.
    private static func appendArrayHeader(
        count: Int,
        elementTypeID: UInt32,
        to buffer: inout [UInt8]
    ) {
        append(Int32(count == 0 ? 0 : 1), to: &buffer)
        append(Int32(0), to: &buffer)
        append(elementTypeID, to: &buffer)
        guard count > 0 else { return }
        append(Int32(count), to: &buffer)
        append(Int32(1), to: &buffer)
    }

    private static func appendArray<Value: FixedWidthInteger>(
        _ values: [Value],
        elementTypeID: UInt32,
        to buffer: inout [UInt8]
    ) {
        appendArrayHeader(count: values.count, elementTypeID: elementTypeID, to: &buffer)
        for value in values {
            append(Int32(Value.bitWidth / 8), to: &buffer)
            append(value, to: &buffer)
        }
    }

    private static func append<Value: FixedWidthInteger>(_ value: Value, to buffer: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { buffer.append(contentsOf: $0) }
    }
}
