public import MetricsModel

/// One event in the life of a tenant's head, as the log keeps it.
///
/// Replaying all records in order through the same calls rebuilds the head.
public enum LogRecord: Sendable, Equatable {
    /// Samples that were stored, with what is needed to know their series.
    case samples(LoggedSamples)
    /// All samples before `before` (ms, excluded) became part of cut `id`.
    case cutBegun(tenant: TenantID, id: UInt64, before: Int64)
    /// The samples of cut `id` are stored elsewhere.
    case cutFinished(tenant: TenantID, id: UInt64)
    /// Exemplars that were stored, in that order.
    case exemplars(tenant: TenantID, [LoggedExemplar])
    /// Metadata that is new, or whose older records are about to go.
    case metadata(tenant: TenantID, [SeenMetadata])

    /// A number that all records of a tenant have, to divide work by; another one in each process.
    public var tenantHash: UInt { UInt(bitPattern: tenant.hashValue) }

    /// Memory that the record takes, about, counted in plain samples (20 bytes); at least 1.
    public var weight: Int {
        switch self {
        case .samples(let samples):
            1 + samples.references.count + 16 * samples.others.count + samples.keys.count / 20
        case .cutBegun, .cutFinished: 1
        case .exemplars(_, let exemplars): 1 + 16 * exemplars.count
        case .metadata(_, let entries): 1 + 16 * entries.count
        }
    }

    public var tenant: TenantID {
        switch self {
        case .samples(let samples): samples.tenant
        case .cutBegun(let tenant, _, _), .cutFinished(let tenant, _): tenant
        case .exemplars(let tenant, _), .metadata(let tenant, _): tenant
        }
    }
}

/// An exemplar and the labels of its series; it needs no definition in the segment.
public struct LoggedExemplar: Sendable, Equatable {
    public var series: Labels
    public var exemplar: Exemplar

    public init(series: Labels, exemplar: Exemplar) {
        self.series = series
        self.exemplar = exemplar
    }
}

/// The samples of one batch of one tenant, by columns, in the order in which they were stored.
public struct LoggedSamples: Sendable, Equatable {
    public var tenant: TenantID
    /// Series that appear for the first time in this segment, in the order in which they were defined.
    ///
    /// A later definition of a reference replaces an earlier one: references are reused.
    public var definitions: [SeriesDefinition]
    /// The keys of the definitions, end to end.
    public var keys: [UInt8]
    /// Which series sample i belongs to; defined in this record or an earlier one of the segment.
    public var references: [UInt32]
    /// Milliseconds since the Unix epoch.
    public var timestamps: [Int64]
    public var values: [Double]
    /// Samples that are no plain floats, in the order in which they were stored; after the others.
    public var others: [LoggedSample]

    public init(
        tenant: TenantID,
        definitions: [SeriesDefinition],
        keys: [UInt8],
        references: [UInt32],
        timestamps: [Int64],
        values: [Double],
        others: [LoggedSample] = []
    ) {
        self.tenant = tenant
        self.definitions = definitions
        self.keys = keys
        self.references = references
        self.timestamps = timestamps
        self.values = values
        self.others = others
    }

    public static func == (left: LoggedSamples, right: LoggedSamples) -> Bool {
        left.tenant == right.tenant && left.definitions == right.definitions
            && left.keys == right.keys && left.references == right.references
            && left.timestamps == right.timestamps
            && left.values.count == right.values.count
            && zip(left.values, right.values).allSatisfy { $0.bitPattern == $1.bitPattern }
            && left.others == right.others
    }
}

/// A histogram, or a float with a start timestamp.
public struct LoggedSample: Sendable, Equatable {
    public var reference: UInt32
    /// Milliseconds since the Unix epoch.
    public var timestamp: Int64
    /// When counting began, ms; 0 is unknown.
    public var start: Int64
    public var value: Value

    public enum Value: Sendable, Equatable {
        case float(Double)
        case histogram(Histogram)

        /// Compares bits.
        public static func == (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
            case (.histogram(let left), .histogram(let right)):
                left.isIdentical(to: right) && left.resetHint == right.resetHint
            default: false
            }
        }
    }

    public init(reference: UInt32, timestamp: Int64, start: Int64, value: Value) {
        self.reference = reference
        self.timestamp = timestamp
        self.start = start
        self.value = value
    }
}

/// What a reference stands for in one segment.
public struct SeriesDefinition: Sendable, Equatable {
    public var reference: UInt32
    public var fingerprint: Fingerprint
    /// Where the series key is in ``LoggedSamples/keys``; not checked to be a canonical key.
    public var key: Range<Int>
}

/// Why the bytes of a record, whose checksum is right, are still no record.
///
/// Offsets count from the record's first byte.
public enum LogRecordError: Error, Equatable, Sendable {
    /// A field of `needed` bytes starts at `offset`, where only `available` are left.
    case truncated(offset: Int, needed: Int, available: Int)
    /// Written by a version this reader does not know.
    case unsupportedVersion(UInt8)
    /// The version is known, the type of record is not.
    case unknownType(UInt8)
    /// A varint is longer than ten bytes or does not fit 64 bits.
    case varintTooLong(offset: Int)
    /// More items are announced than the bytes left could hold.
    case countTooLarge(UInt64, offset: Int)
    /// A series reference is negative or does not fit 32 bits.
    case referenceOutOfRange(offset: Int)
    case invalidTenant(TenantError)
    /// A sample's kind is none this reader knows.
    case unknownSampleKind(UInt8, offset: Int)
    /// The bytes at the offset are no histogram.
    case invalidHistogram(HistogramBytesError, offset: Int)
    /// The bytes at the offset are no exemplar.
    case invalidExemplar(StoredBytesError, offset: Int)
    /// The bytes at the offset are no metadata entry.
    case invalidMetadata(StoredBytesError, offset: Int)
    /// The series key at the offset is none.
    case invalidSeriesKey(LabelsError, offset: Int)
    /// An exemplar names a series that the record does not have.
    case seriesOutOfRange(UInt64, offset: Int)
    /// Bytes follow the last field.
    case trailingBytes(count: Int, offset: Int)
}
