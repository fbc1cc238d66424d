internal import MetricsModel

/// Reads the decompressed body of a remote-write 2.0 request (`io.prometheus.write.v2.Request`).
///
/// Labels are pairs of numbers of symbols; the label bytes of each series are put together in the side buffer, in the
/// form that remote write 1.0 sends, so that whatever comes behind does not see the difference. Symbols are looked for
/// first, as a message may have its fields in any order. Samples are copied, everything else is noted by its place.
public enum SymbolRequestScanner {
    private enum Field {
        /// Reserved, so that a request of 1.0 does not look like one of 2.0.
        static let ofVersionOne: ClosedRange<UInt32> = 1...3
        static let symbols: UInt32 = 4
        static let timeSeries: UInt32 = 5
    }

    /// Fills the columns; unknown fields are skipped, as a newer sender's must be.
    ///
    /// Samples that come out of order inside one series are sorted by time, equal times keep their order. Fields of
    /// remote write 1.0 are refused: as they mean nothing in 2.0, skipping them would lose what the sender wrote.
    /// - Throws: ``WireError``; the columns are then of no use.
    public static func scan(
        _ body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        into request: inout DecodedWriteRequest
    ) throws(WireError) {
        request.reset(bodySize: body.count, version: .two)
        guard body.count < DecodedWriteRequest.maximumBodySize else {
            throw WireError(.bodyTooLarge(size: body.count), at: 0)
        }
        guard var reader = WireReader(body) else { return }
        try readSymbols(body, limits: limits, into: &request)
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            guard field == Field.timeSeries else {
                try reader.skip(type)
                continue
            }
            try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
            guard request.rows.count < limits.maximumSeries else {
                throw WireError(.tooManySeries(limit: limits.maximumSeries), at: reader.position)
            }
            try SymbolSeriesReader.read(&reader, in: body, limits: limits, into: &request)
        }
    }

    private static func readSymbols(
        _ body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        into request: inout DecodedWriteRequest
    ) throws(WireError) {
        guard var reader = WireReader(body) else { return }
        while !reader.isAtEnd {
            let start = reader.position
            let (field, type) = try reader.tag()
            guard field == Field.symbols else {
                guard !Field.ofVersionOne.contains(field) else {
                    throw WireError(.fieldOfVersionOne(field), at: start)
                }
                try reader.skip(type)
                continue
            }
            try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
            let end = try reader.lengthDelimitedEnd()
            let size = end - reader.position
            guard request.symbols.count > 0 || size == 0 else {
                throw WireError(.firstSymbolNotEmpty(size: size), at: start)
            }
            guard request.symbols.count < limits.maximumSymbols else {
                throw WireError(.tooManySymbols(limit: limits.maximumSymbols), at: start)
            }
            request.symbols.append(reader.position..<end)
            reader.move(to: end)
        }
    }
}
