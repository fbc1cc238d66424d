internal import ChunkCoding
public import MetricsModel

/// One tenant's recent samples in memory: append, select, cut what is due.
///
/// A series is a number into flat tables. What it holds is, by age: chunks that belong to pending
/// cuts, closed chunks, the open chunk, and apart from them late samples, floats with start timestamps
/// and histograms. No timestamp of a series is in memory twice. The same calls in the same order make the same head.
public struct Head: ~Copyable, Sendable {
    public let settings: HeadSettings
    var records = SeriesRecords()
    var details: [SeriesDetails] = []
    var late: [UInt32: LateSamples] = [:]
    /// Series that have, or had, other samples than plain floats.
    var aside: [UInt32: AsideSamples] = [:]
    var labelIndex = LabelIndex()
    var windows = WindowSegments()
    /// Pending cuts, in the order in which they began.
    var cuts: [HeadCut] = []
    var counts = Counts()
    private var fingerprints = FingerprintIndex()
    /// Numbers of series that left memory, to be used again.
    private var freeNumbers: [UInt32] = []

    /// - Precondition: a window lasts at least 1 ms, a chunk has at least 1 and at most 65,535 samples.
    public init(settings: HeadSettings) {
        precondition(settings.windowDuration > 0, "a window of \(settings.windowDuration) ms")
        precondition(
            (1...Int(UInt16.max)).contains(settings.samplesPerChunk),
            "a chunk of \(settings.samplesPerChunk) samples"
        )
        self.settings = settings
    }

    // MARK: Series

    /// The series with a fingerprint; the fingerprint is trusted.
    public func reference(of fingerprint: Fingerprint) -> SeriesReference? {
        fingerprints.find(fingerprint).map(SeriesReference.init(number:))
    }

    /// Looks up many fingerprints and has the records fetched that appending to them will touch.
    ///
    /// With many series a lookup waits for memory, and so does an append; done for a batch, these waits
    /// overlap: a sample then costs a fifth.
    ///
    /// - Parameter references: Gets one entry for each fingerprint, in order; nil where it is unknown.
    public func lookUp(_ wanted: [Fingerprint], into references: inout [SeriesReference?]) {
        references.removeAll(keepingCapacity: true)
        references.reserveCapacity(wanted.count)
        // Far enough to hide one access to memory behind the work of as many lookups.
        let distance = 12
        for fingerprint in wanted.prefix(distance) { fingerprints.prefetch(fingerprint) }
        for index in wanted.indices {
            if index + distance < wanted.count {
                fingerprints.prefetch(wanted[index + distance])
            }
            let number = fingerprints.find(wanted[index])
            if let number { records.prefetch(number) }
            references.append(number.map(SeriesReference.init(number:)))
        }
    }

    /// Has the record fetched that appending to a series will touch.
    public func prefetch(_ series: SeriesReference) { records.prefetch(series.number) }

    /// Adds a series, or returns the one there is with the same fingerprint and labels.
    ///
    /// A series without samples leaves memory with the next cut that finishes.
    public mutating func createSeries(
        _ fingerprint: Fingerprint,
        key: UnsafeBufferPointer<UInt8>
    ) throws(HeadError) -> SeriesReference {
        if let known = fingerprints.find(fingerprint) {
            let same = labelIndex.labels(of: details[Int(known)].serial).key.elementsEqual(key)
            guard same, details[Int(known)].fingerprint == fingerprint else {
                throw .keyMismatch(fingerprint)
            }
            return SeriesReference(number: known)
        }
        do throws(LabelsError) {
            _ = try Labels(validating: Array(key))
        } catch {
            throw .invalidKey(error)
        }
        let number = freeNumbers.last ?? UInt32(clamping: records.count)
        guard number < UInt32.max else { throw .full }
        let serial = try labelIndex.add(key: key, number: number)
        if freeNumbers.popLast() == nil {
            records.add()
            details.append(SeriesDetails())
        }
        records[number].pointee = SeriesRecord()
        records[number].pointee.isLive = true
        details[Int(number)] = SeriesDetails(fingerprint: fingerprint, serial: serial)
        fingerprints.insert(fingerprint, number: number)
        counts.created += 1
        return SeriesReference(number: number)
    }

    public func key(of series: SeriesReference) -> Labels {
        labelIndex.labels(of: details[Int(series.number)].serial)
    }

    public func fingerprint(of series: SeriesReference) -> Fingerprint {
        details[Int(series.number)].fingerprint
    }

    /// Whether a log segment has the definition of a series.
    public func isIntroduced(_ series: SeriesReference, in segment: UInt64) -> Bool {
        records[series.number].pointee.introducedSegment == segment
    }

    /// Notes that a log segment has the definition of a series; earlier notes are forgotten.
    public mutating func markIntroduced(_ series: SeriesReference, in segment: UInt64) {
        records[series.number].pointee.introducedSegment = segment
    }

    /// The oldest log segment with samples that are in memory only; nil if there are no such samples.
    ///
    /// Samples of pending cuts count as being in memory only.
    public var oldestSegmentNeeded: UInt64? {
        (cuts.compactMap(\.oldestSegment) + [windows.oldest].compactMap(\.self)).min()
    }

    public var statistics: HeadStatistics {
        HeadStatistics(
            seriesCount: fingerprints.count,
            sampleCount: counts.samples,
            approximateBytes: approximateBytes,
            seriesCreatedTotal: counts.created,
            seriesRemovedTotal: counts.removed,
            pendingCutCount: cuts.count
        )
    }

    private var approximateBytes: Int {
        let tables =
            records.size + fingerprints.size + labelIndex.size + freeNumbers.capacity * 4
            + details.capacity * MemoryLayout<SeriesDetails>.stride
        return MemoryLayout<Head>.size + tables + counts.chunkBytes + counts.asideBytes
            + late.values.reduce(0) { $0 + $1.size }
    }

    /// Takes a series out of memory that holds no samples.
    mutating func remove(_ number: UInt32) {
        let detail = details[Int(number)]
        fingerprints.remove(detail.fingerprint)
        labelIndex.remove(detail.serial)
        removeAside(number)
        records[number].dropOpenChunk()
        records[number].pointee.isLive = false
        details[Int(number)] = SeriesDetails()
        freeNumbers.append(number)
        counts.removed += 1
    }

    /// Gives back what removed series left in the label index, once that is most of it.
    mutating func compactLabelsIfWorthwhile() {
        guard labelIndex.isMostlyDead else { return }
        var serials: [(number: UInt32, serial: UInt32)] = []
        labelIndex = labelIndex.compacted { serials.append(($0, $1)) }
        for (number, serial) in serials { details[Int(number)].serial = serial }
    }

    /// Running totals behind ``statistics``.
    struct Counts {
        var samples = 0
        /// Bytes of chunks, closed, cut and open ones beyond their records.
        var chunkBytes = 0
        /// Bytes of the samples aside.
        var asideBytes = 0
        var created: UInt64 = 0
        var removed: UInt64 = 0
    }
}

/// What a series has besides its record, touched only when a chunk closes or on reading.
struct SeriesDetails {
    var fingerprint = Fingerprint(high: 0, low: 0)
    /// Its place in the label index.
    var serial: UInt32 = 0
    /// In how many pending cuts it has samples.
    var pendingCutCount: UInt16 = 0
    /// Whether there is an entry in the head's late samples.
    var hasLateSamples = false
    /// Whether there is an entry in the head's samples aside.
    var hasAside = false
    /// Closed chunks, by ascending start.
    var chunks: [EncodedChunk] = []
}

extension EncodedChunk {
    /// Bytes in memory, with the array's header and its place in a list.
    var memorySize: Int { MemoryLayout<EncodedChunk>.stride + 32 + bytes.count }
}
