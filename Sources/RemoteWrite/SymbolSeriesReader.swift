internal import MetricsModel

/// Reads one `TimeSeries` message of a remote-write 2.0 request into a row.
enum SymbolSeriesReader {
    private enum Field {
        static let labels: UInt32 = 1
        static let samples: UInt32 = 2
        static let histograms: UInt32 = 3
        static let exemplars: UInt32 = 4
        static let metadata: UInt32 = 5
        /// Of drafts of the protocol: the start of all samples of the series.
        static let created: UInt32 = 6
        static let value: UInt32 = 1
        static let timestamp: UInt32 = 2
        static let start: UInt32 = 3
    }

    private static let valueTag = UInt8(Field.value << 3) | WireReader.WireType.fixed64
    private static let timestampTag = UInt8(Field.timestamp << 3) | WireReader.WireType.varint

    @inline(__always)
    static func read(
        _ reader: inout WireReader,
        in body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        into request: inout DecodedWriteRequest
    ) throws(WireError) {
        let outerEnd = reader.end
        let begin = reader.position
        reader.end = try reader.lengthDelimitedEnd()
        request.references.removeAll(keepingCapacity: true)
        let firstSample = request.timestamps.count
        let firstHistogram = request.histogramMessages.count
        var newest = Int64.min
        var isAscending = true
        var created: Int64 = 0
        var metadata = 0..<0
        while !reader.isAtEnd {
            let start = reader.position
            let (field, type) = try reader.tag()
            switch field {
            case Field.labels:
                try reader.references(
                    field,
                    type,
                    symbolCount: request.symbols.count,
                    limit: 2 * limits.maximumLabels,
                    into: &request.references
                )
            case Field.samples:
                let end = try reader.messageEnd(field, type)
                guard request.timestamps.count < limits.maximumSamples else {
                    throw WireError(.tooManySamples(limit: limits.maximumSamples), at: start)
                }
                let timestamp = try sample(&reader, end: end, into: &request)
                if timestamp < newest { isAscending = false }
                newest = timestamp
            case Field.histograms:
                let end = try reader.messageEnd(field, type)
                guard request.histogramMessages.count < limits.maximumSamples else {
                    throw WireError(.tooManySamples(limit: limits.maximumSamples), at: start)
                }
                request.histogramMessages.append(reader.position..<end)
                reader.move(to: end)
            case Field.exemplars:
                let end = try reader.messageEnd(field, type)
                request.noteExemplar(reader.position..<end, limit: limits.maximumExemplars)
                reader.move(to: end)
            case Field.metadata:
                let end = try reader.messageEnd(field, type)
                metadata = reader.position..<end
                reader.move(to: end)
            case Field.created: created = Int64(bitPattern: try reader.varint(field, type))
            default: try reader.skip(type)
            }
        }
        reader.end = outerEnd
        if created != 0 {
            request.fillStarts(created, from: firstSample, histogramsFrom: firstHistogram)
        }
        if !request.startTimestamps.isEmpty { request.padStarts() }
        if !isAscending { request.sortSamples(from: firstSample) }
        let histogramCount = request.histogramMessages.count - firstHistogram
        if !metadata.isEmpty {
            request.noteSeriesMetadata(
                metadata,
                in: body,
                isOfHistograms: histogramCount > 0,
                limit: limits.maximumMetadata
            )
        }
        let key = try request.appendKey(in: body, limits: limits, at: begin)
        request.rows.append(
            DecodedWriteRequest.Row(
                keyOffset: UInt32(key.lowerBound),
                keySize: UInt32(key.count),
                sampleEnd: UInt32(request.timestamps.count),
                histogramCount: UInt32(histogramCount),
                isNormalised: false
            )
        )
    }

    /// Adds a sample; absent fields are zero, of repeated ones the last counts.
    ///
    /// - Returns: its timestamp.
    @inline(__always)
    private static func sample(
        _ reader: inout WireReader,
        end: Int,
        into request: inout DecodedWriteRequest
    ) throws(WireError) -> Int64 {
        var timestamp: Int64 = 0
        var bits: UInt64 = 0
        var start: Int64 = 0
        if let (plainTimestamp, plainBits) = reader.plainSample(
            upTo: end,
            valueTag: valueTag,
            timestampTag: timestampTag
        ) {
            timestamp = Int64(bitPattern: plainTimestamp)
            bits = plainBits
        } else {
            let outerEnd = reader.end
            reader.end = end
            while !reader.isAtEnd {
                let (field, type) = try reader.tag()
                switch field {
                case Field.value:
                    try reader.expect(WireReader.WireType.fixed64, found: type, field: field)
                    bits = try reader.fixed64()
                case Field.timestamp:
                    timestamp = Int64(bitPattern: try reader.varint(field, type))
                case Field.start: start = Int64(bitPattern: try reader.varint(field, type))
                default: try reader.skip(type)
                }
            }
            reader.end = outerEnd
        }
        request.appendStart(DecodedWriteRequest.start(start, at: timestamp))
        request.timestamps.append(timestamp)
        request.values.append(Double(bitPattern: bits))
        return timestamp
    }
}

extension WireReader {
    /// The end of a message that is a field.
    @inline(__always)
    fileprivate mutating func messageEnd(
        _ field: UInt32,
        _ type: UInt8
    ) throws(WireError) -> Int {
        try expect(WireType.lengthDelimited, found: type, field: field)
        return try lengthDelimitedEnd()
    }
}
