public import MetricsModel

/// Builds records; one encoder serves any number of batches, one after the other.
///
/// Its buffers keep their size, so that a sample costs no allocation; a record costs one.
public struct LogRecordEncoder: Sendable {
    private var definitions: [UInt8] = []
    private var definitionCount: UInt64 = 0
    /// Sample bytes; only the first `samplesSize` count, the rest is room.
    private var samples: [UInt8] = []
    private var samplesSize = 0
    private var sampleCount: UInt64 = 0
    private var previousReference: UInt32 = 0
    private var previousTimestamp: Int64 = 0
    private var others = OtherSampleBytes()

    public init() {}

    /// Whether nothing was added since the last record.
    public var isEmpty: Bool {
        definitionCount == 0 && sampleCount == 0 && others.count == 0
    }

    /// Bytes that the record will have, but for the tenant's name and some ten more.
    public var size: Int { definitions.count + samplesSize + others.bytes.count }

    /// Bytes of the definitions added since the last record.
    public var definitionsSize: Int { definitions.count }

    /// Says what a reference stands for from this record on, to the end of the segment.
    public mutating func define(
        _ reference: UInt32,
        fingerprint: Fingerprint,
        key: UnsafeBufferPointer<UInt8>
    ) {
        definitions.appendVarint(UInt64(reference))
        definitions.appendFixed64(fingerprint.high)
        definitions.appendFixed64(fingerprint.low)
        definitions.appendVarint(UInt64(key.count))
        definitions.append(contentsOf: key)
        definitionCount += 1
    }

    /// Adds a stored sample of a series that is defined in the segment, or above in this record.
    public mutating func add(reference: UInt32, timestamp: Int64, value: Double) {
        if samples.count - samplesSize < RecordLayout.maximumSampleSize { makeRoom() }
        let referenceStep = ZigZag.encode(Int64(reference) - Int64(previousReference))
        let timestampStep = ZigZag.encode(timestamp &- previousTimestamp)
        samplesSize = samples.withUnsafeMutableBytes { bytes in
            var position = samplesSize
            Self.store(referenceStep, in: bytes, at: &position)
            Self.store(timestampStep, in: bytes, at: &position)
            bytes.storeBytes(
                of: value.bitPattern.littleEndian,
                toByteOffset: position,
                as: UInt64.self
            )
            return position &+ 8
        }
        previousReference = reference
        previousTimestamp = timestamp
        sampleCount += 1
    }

    /// Adds a stored float with a start timestamp, of a series that is defined.
    ///
    /// - Parameter start: Milliseconds; 0 is unknown.
    public mutating func add(reference: UInt32, timestamp: Int64, value: Double, start: Int64) {
        guard start != 0 else {
            add(reference: reference, timestamp: timestamp, value: value)
            return
        }
        others.begin(reference, timestamp, start: start, isHistogram: false)
        others.bytes.appendFixed64(value.bitPattern)
    }

    /// Adds a stored histogram of a series that is defined.
    ///
    /// - Precondition: The histogram is ``Histogram/isStorable``.
    public mutating func add(
        reference: UInt32,
        timestamp: Int64,
        histogram: Histogram,
        start: Int64
    ) {
        others.begin(reference, timestamp, start: start, isHistogram: true)
        HistogramBytes.append(histogram, to: &others.bytes)
    }

    /// Returns the record of everything added, and starts the next one.
    public mutating func finish(tenant: TenantID) -> [UInt8] {
        let kind: RecordLayout.Kind = others.count == 0 ? .samples : .mixedSamples
        var record = Self.start(kind, tenant: tenant, capacity: size + 34)
        record.appendVarint(definitionCount)
        record.append(contentsOf: definitions)
        record.appendVarint(sampleCount)
        record.append(contentsOf: samples[..<samplesSize])
        if others.count > 0 {
            record.appendVarint(others.count)
            record.append(contentsOf: others.bytes)
        }
        reset()
        return record
    }

    /// Forgets everything added since the last record.
    public mutating func reset() {
        definitions.removeAll(keepingCapacity: true)
        definitionCount = 0
        samplesSize = 0
        sampleCount = 0
        previousReference = 0
        previousTimestamp = 0
        others.reset()
    }

    /// The record of ``LogRecord/cutBegun(tenant:id:before:)``.
    public static func cutBegun(tenant: TenantID, id: UInt64, before: Int64) -> [UInt8] {
        var record = start(.cutBegun, tenant: tenant, capacity: 20)
        record.appendVarint(id)
        record.appendVarint(ZigZag.encode(before))
        return record
    }

    /// The record of ``LogRecord/cutFinished(tenant:id:)``.
    public static func cutFinished(tenant: TenantID, id: UInt64) -> [UInt8] {
        var record = start(.cutFinished, tenant: tenant, capacity: 10)
        record.appendVarint(id)
        return record
    }

    static func start(
        _ kind: RecordLayout.Kind,
        tenant: TenantID,
        capacity: Int
    ) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(capacity + tenant.name.utf8.count + 3)
        record.append(RecordLayout.head(kind))
        record.appendVarint(UInt64(tenant.name.utf8.count))
        record.append(contentsOf: tenant.name.utf8)
        return record
    }

    private mutating func makeRoom() {
        samples.append(contentsOf: repeatElement(0, count: max(samples.count, 4096)))
    }

    private static func store(
        _ value: UInt64,
        in bytes: UnsafeMutableRawBufferPointer,
        at position: inout Int
    ) {
        var rest = value
        while rest >= 0x80 {
            bytes[position] = UInt8(truncatingIfNeeded: rest) | 0x80
            position &+= 1
            rest &>>= 7
        }
        bytes[position] = UInt8(truncatingIfNeeded: rest)
        position &+= 1
    }
}
