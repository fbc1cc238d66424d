/// One pass over the decompressed body of a remote-write 1.0 request (`prometheus.WriteRequest`).
///
/// Nothing is copied but samples; where native histograms, exemplars and metadata are is noted (see
/// ``HistogramMessage``, ``ExemplarMessage``, ``MetadataMessage``). Labels are stepped over as a run of bytes: the
/// fingerprint of a known series proves the run to be its canonical key, so only unknown series are looked at label
/// by label, by ``DecodedWriteRequest/canonicalise(row:in:maximumLabels:)``.
public enum WriteRequestScanner {
    private enum Field {
        static let timeSeries: UInt32 = 1
        static let metadata: UInt32 = 3
        static let labels: UInt32 = 1
        static let samples: UInt32 = 2
        static let exemplars: UInt32 = 3
        static let histograms: UInt32 = 4
        static let value: UInt32 = 1
        static let timestamp: UInt32 = 2
    }

    private static let labelsTag = UInt8(Field.labels << 3) | WireReader.WireType.lengthDelimited
    private static let valueTag = UInt8(Field.value << 3) | WireReader.WireType.fixed64
    private static let timestampTag = UInt8(Field.timestamp << 3) | WireReader.WireType.varint

    /// Fills the columns; unknown fields are skipped, as a newer sender's must be.
    ///
    /// Samples that come out of order inside one series are sorted by time, equal times keep their order.
    /// - Throws: ``WireError``; the columns are then of no use.
    public static func scan(
        _ body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        into request: inout DecodedWriteRequest
    ) throws(WireError) {
        request.reset(bodySize: body.count, version: .one)
        // Offsets of rows have 32 bits, and the side buffer can grow to twice the size of the body.
        guard body.count < DecodedWriteRequest.maximumBodySize else {
            throw WireError(.bodyTooLarge(size: body.count), at: 0)
        }
        guard var reader = WireReader(body) else { return }
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case Field.timeSeries:
                try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
                guard request.rows.count < limits.maximumSeries else {
                    throw WireError(
                        .tooManySeries(limit: limits.maximumSeries),
                        at: reader.position
                    )
                }
                try scanSeries(&reader, in: body, limits: limits, into: &request)
            case Field.metadata:
                try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
                let end = try reader.lengthDelimitedEnd()
                request.noteMetadata(reader.position..<end, limit: limits.maximumMetadata)
                reader.move(to: end)
            default:
                try reader.skip(type)
            }
        }
    }

    @inline(__always)
    private static func scanSeries(
        _ reader: inout WireReader,
        in body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        into request: inout DecodedWriteRequest
    ) throws(WireError) {
        let outerEnd = reader.end
        reader.end = try reader.lengthDelimitedEnd()
        var labels = LabelRun()
        let firstSample = request.timestamps.count
        let firstHistogram = request.histogramMessages.count
        var newest = Int64.min
        var isAscending = true
        while !reader.isAtEnd {
            let start = reader.position
            reader.skipShortFields(tagged: Self.labelsTag)
            if reader.position > start {
                labels.extend(start..<reader.position, of: body, side: &request.sideBuffer)
                continue
            }
            let (field, type) = try reader.tag()
            guard field <= Field.histograms else {
                try reader.skip(type)
                continue
            }
            try reader.expect(WireReader.WireType.lengthDelimited, found: type, field: field)
            let end = try reader.lengthDelimitedEnd()
            switch field {
            case Field.labels:
                reader.move(to: end)
                labels.extend(start..<end, of: body, side: &request.sideBuffer)
            case Field.samples:
                guard request.timestamps.count < limits.maximumSamples else {
                    throw WireError(.tooManySamples(limit: limits.maximumSamples), at: start)
                }
                let (timestamp, value) = try sample(&reader, end: end)
                if timestamp < newest { isAscending = false }
                newest = timestamp
                request.timestamps.append(timestamp)
                request.values.append(value)
            case Field.exemplars:
                request.noteExemplar(reader.position..<end, limit: limits.maximumExemplars)
                reader.move(to: end)
            default:
                guard request.histogramMessages.count < limits.maximumSamples else {
                    throw WireError(.tooManySamples(limit: limits.maximumSamples), at: start)
                }
                request.histogramMessages.append(reader.position..<end)
                reader.move(to: end)
            }
        }
        reader.end = outerEnd
        if !isAscending { request.sortSamples(from: firstSample) }
        let key = labels.range(bodySize: request.bodySize)
        request.rows.append(
            DecodedWriteRequest.Row(
                keyOffset: UInt32(key.lowerBound),
                keySize: UInt32(key.count),
                sampleEnd: UInt32(request.timestamps.count),
                histogramCount: UInt32(request.histogramMessages.count - firstHistogram),
                isNormalised: labels.isInSideBuffer
            )
        )
    }

    /// A sample's fields; absent ones are zero, of repeated ones the last counts.
    @inline(__always)
    private static func sample(
        _ reader: inout WireReader,
        end: Int
    ) throws(WireError) -> (timestamp: Int64, value: Double) {
        if let (timestamp, bits) = reader.plainSample(
            upTo: end,
            valueTag: valueTag,
            timestampTag: timestampTag
        ) {
            return (Int64(bitPattern: timestamp), Double(bitPattern: bits))
        }
        let outerEnd = reader.end
        reader.end = end
        var timestamp: Int64 = 0
        var bits: UInt64 = 0
        while !reader.isAtEnd {
            let (field, type) = try reader.tag()
            switch field {
            case Field.value:
                try reader.expect(WireReader.WireType.fixed64, found: type, field: field)
                bits = try reader.fixed64()
            case Field.timestamp:
                try reader.expect(WireReader.WireType.varint, found: type, field: field)
                timestamp = Int64(bitPattern: try reader.varint())
            default:
                try reader.skip(type)
            }
        }
        reader.end = outerEnd
        return (timestamp, Double(bitPattern: bits))
    }
}

/// Where the label fields of one series are: a run in the body as long as nothing comes between them.
private struct LabelRun {
    private var run = 0..<0
    private(set) var isInSideBuffer = false

    @inline(__always)
    mutating func extend(
        _ field: Range<Int>,
        of body: UnsafeRawBufferPointer,
        side: inout SideBuffer
    ) {
        if !isInSideBuffer {
            if run.isEmpty {
                run = field
                return
            }
            if run.upperBound == field.lowerBound {
                run = run.lowerBound..<field.upperBound
                return
            }
        }
        copy(field, of: body, side: &side)
    }

    /// Something stands between two labels: they are put together in the side buffer.
    private mutating func copy(
        _ field: Range<Int>,
        of body: UnsafeRawBufferPointer,
        side: inout SideBuffer
    ) {
        if !isInSideBuffer {
            let start = side.count
            side.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[run]))
            run = start..<side.count
            isInSideBuffer = true
        }
        side.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[field]))
        run = run.lowerBound..<side.count
    }

    /// The run in offsets that continue from the body into the side buffer.
    func range(bodySize: Int) -> Range<Int> {
        isInSideBuffer ? run.lowerBound + bodySize..<run.upperBound + bodySize : run
    }
}
