internal import MetricsModel

extension ExemplarMessage {
    private enum SymbolField {
        static let labels: UInt32 = 1
        static let value: UInt32 = 2
        static let timestamp: UInt32 = 3
    }

    /// Reads an exemplar of remote write 2.0, whose labels are symbols.
    ///
    /// - Parameters:
    ///   - range: The content of the message in the body. Not trusted.
    ///   - symbols: Those of the request.
    init(
        _ range: Range<Int>,
        in body: UnsafeRawBufferPointer,
        symbols: SymbolTable
    ) throws(ExemplarFault) {
        var references: [UInt32] = []
        var timestamp: Int64 = 0
        var value = 0.0
        do throws(WireError) {
            if var reader = WireReader(UnsafeRawBufferPointer(rebasing: body[range])) {
                while !reader.isAtEnd {
                    let (field, type) = try reader.tag()
                    switch field {
                    case SymbolField.labels:
                        try reader.references(
                            field,
                            type,
                            symbolCount: symbols.count,
                            // A label takes six bytes at least, if it is empty.
                            limit: Self.maximumLabelBytes / 3,
                            into: &references
                        )
                    case SymbolField.value: value = try reader.double(field, type)
                    case SymbolField.timestamp:
                        timestamp = Int64(bitPattern: try reader.varint(field, type))
                    default: try reader.skip(type)
                    }
                }
            }
            guard references.count & 1 == 0 else {
                throw WireError(.oddReferenceCount(references.count), at: 0)
            }
        } catch {
            if case .tooManyLabels = error.problem { throw .labelsTooLong(length: nil) }
            throw .malformed(error)
        }
        let size = symbols.keySize(of: references)
        guard size <= Self.maximumLabelBytes else { throw .labelsTooLong(length: nil) }
        var side = SideBuffer()
        symbols.appendKey(of: references, size: size, in: body, to: &side)
        try self.init(
            labels: side.withUnsafeBytes { Array($0) },
            timestamp: timestamp,
            value: value
        )
    }
}
