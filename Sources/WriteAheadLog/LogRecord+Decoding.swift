internal import MetricsModel

extension LogRecord {
    /// Reads the bytes of one record, as ``LogRecordEncoder`` made them; they are not trusted.
    ///
    /// Allocates no more than a small multiple of the bytes' size.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(LogRecordError) {
        var scanner = RecordScanner(bytes)
        let head = try scanner.byte()
        guard head >> 4 == RecordLayout.version else { throw .unsupportedVersion(head >> 4) }
        guard let kind = RecordLayout.Kind(rawValue: head & 0x0f) else {
            throw .unknownType(head & 0x0f)
        }
        let tenant = try Self.tenant(&scanner)
        switch kind {
        case .samples:
            self = .samples(try LoggedSamples(tenant: tenant, &scanner))
        case .mixedSamples:
            var samples = try LoggedSamples(tenant: tenant, &scanner)
            try samples.readOthers(&scanner)
            self = .samples(samples)
        case .cutBegun:
            let id = try scanner.varint()
            self = .cutBegun(tenant: tenant, id: id, before: try scanner.signedVarint())
        case .cutFinished:
            self = .cutFinished(tenant: tenant, id: try scanner.varint())
        case .exemplars:
            self = .exemplars(tenant: tenant, try scanner.exemplars())
        case .metadata:
            self = .metadata(tenant: tenant, try scanner.metadata())
        }
        try scanner.finish()
    }

    private static func tenant(_ scanner: inout RecordScanner) throws(LogRecordError) -> TenantID {
        let name = try scanner.lengthPrefixed()
        do throws(TenantError) {
            return try TenantID(String(decoding: name, as: UTF8.self))
        } catch {
            throw .invalidTenant(error)
        }
    }
}

extension LoggedSamples {
    /// Reads definitions and samples; the counts are checked against the bytes before allocating.
    fileprivate init(
        tenant: TenantID,
        _ scanner: inout RecordScanner
    ) throws(LogRecordError) {
        self.init(
            tenant: tenant,
            definitions: [],
            keys: [],
            references: [],
            timestamps: [],
            values: []
        )
        try readDefinitions(&scanner)
        try readSamples(&scanner)
    }

    private mutating func readDefinitions(
        _ scanner: inout RecordScanner
    ) throws(LogRecordError) {
        let count = try scanner.count(minimumSize: RecordLayout.minimumDefinitionSize)
        definitions.reserveCapacity(count)
        for _ in 0..<count {
            let offset = scanner.offset
            guard let reference = UInt32(exactly: try scanner.varint()) else {
                throw .referenceOutOfRange(offset: offset)
            }
            let high = try scanner.fixed64()
            let low = try scanner.fixed64()
            let start = keys.count
            let key = try scanner.lengthPrefixed()
            do throws(LabelsError) {
                try Labels.validate(key.assumingMemoryBound(to: UInt8.self))
            } catch {
                throw .invalidSeriesKey(error, offset: offset)
            }
            keys.append(contentsOf: key)
            definitions.append(
                SeriesDefinition(
                    reference: reference,
                    fingerprint: Fingerprint(high: high, low: low),
                    key: start..<keys.count
                )
            )
        }
    }

    private mutating func readSamples(_ scanner: inout RecordScanner) throws(LogRecordError) {
        let count = try scanner.count(minimumSize: RecordLayout.minimumSampleSize)
        references.reserveCapacity(count)
        timestamps.reserveCapacity(count)
        values.reserveCapacity(count)
        var reference: Int64 = 0
        var timestamp: Int64 = 0
        for _ in 0..<count {
            let offset = scanner.offset
            reference &+= try scanner.signedVarint()
            guard let known = UInt32(exactly: reference) else {
                throw .referenceOutOfRange(offset: offset)
            }
            timestamp &+= try scanner.signedVarint()
            references.append(known)
            timestamps.append(timestamp)
            values.append(Double(bitPattern: try scanner.fixed64()))
        }
    }

    fileprivate mutating func readOthers(
        _ scanner: inout RecordScanner
    ) throws(LogRecordError) {
        let count = try scanner.count(minimumSize: RecordLayout.minimumOtherSize)
        others.reserveCapacity(count)
        var reference: Int64 = 0
        var timestamp: Int64 = 0
        for _ in 0..<count {
            let offset = scanner.offset
            reference &+= try scanner.signedVarint()
            guard let known = UInt32(exactly: reference) else {
                throw .referenceOutOfRange(offset: offset)
            }
            timestamp &+= try scanner.signedVarint()
            let kindOffset = scanner.offset
            let kind = try scanner.byte()
            guard kind & ~RecordLayout.OtherKind.known == 0 else {
                throw .unknownSampleKind(kind, offset: kindOffset)
            }
            let hasStart = kind & RecordLayout.OtherKind.hasStart != 0
            let start = hasStart ? timestamp &- (try scanner.signedVarint()) : 0
            let isHistogram = kind & RecordLayout.OtherKind.isHistogram != 0
            others.append(
                LoggedSample(
                    reference: known,
                    timestamp: timestamp,
                    start: start,
                    value: isHistogram
                        ? .histogram(try scanner.histogram())
                        : .float(Double(bitPattern: try scanner.fixed64()))
                )
            )
        }
    }
}
