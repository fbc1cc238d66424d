internal import CHashing
public import MetricsModel
internal import Synchronization

/// One tenant's recent samples in memory: append, select, cut what is due.
///
/// A series is a number into flat tables: a record with its open chunk, and chains of cells with its closed
/// chunks, those of pending cuts included. Apart from them are late samples, floats with start timestamps
/// and histograms. No timestamp of a series is in memory twice. The same calls in the same order make the same head.
public struct Head: ~Copyable, Sendable {
    public let settings: HeadSettings
    var records = PagedTable<SeriesRecord>(pageShift: 9)
    var chunks = ClosedChunks()
    var late: [UInt32: LateSamples] = [:]
    /// Series that have, or had, other samples than plain floats.
    var aside: [UInt32: AsideSamples] = [:]
    var labelIndex = LabelIndex()
    /// Counts the label indexes that there were before this one.
    var labelGeneration: UInt64 = 0
    /// The next label index, while it is made; empty otherwise.
    var rebuild = LabelIndexRebuild()
    var isRebuilding = false
    var windows = WindowSegments()
    /// Pending cuts, in the order in which they began.
    var cuts: [HeadCut] = []
    /// The first series that the newest cut has not visited in its turn; nil once it has visited all.
    var unvisited: UInt32?
    /// What the flag of a series is that the newest cut has visited.
    var cutParity = false
    /// Mark of the cut that began last.
    var latestMark: UInt32 = 0
    /// The cut whose samples are being freed.
    var finishing: FinishingCut?
    /// The newest time, in milliseconds, of a sample that left memory with a cut; the earliest of all where none did.
    public internal(set) var newestDropped = Int64.min
    var counts = Counts()
    var seriesCounts = SeriesCounts()
    private var fingerprints = FingerprintIndex()
    /// Numbers of series that left memory, to be used again.
    private var freeNumbers: [UInt32] = []
    /// Means nothing, but has an address: so a head is handed over by its own.
    ///
    /// Without it, the compiler copies all 900 bytes of a head to the stack for each call of a method that only reads it.
    private let pin = Atomic<UInt8>(0)

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
        find(fingerprint).map(SeriesReference.init(number:))
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
            var probe = fingerprints.start(wanted[index])
            let number = fingerprints.next(wanted[index], &probe)
            if let number { records.prefetch(number) }
            references.append(number.map(SeriesReference.init(number:)))
        }
        // Compared once their records have come.
        for index in wanted.indices {
            guard let found = references[index], !isSeries(found.number, wanted[index]) else {
                continue
            }
            references[index] = reference(of: wanted[index])
        }
    }

    /// Has fetched what appending to series will touch: their records, and the cells of open chunks that are full.
    ///
    /// The cells of a chunk are found one by the other; walked side by side, the chains of a batch wait for memory
    /// together. Closing a chunk then takes half as long where there are many series.
    ///
    /// - Parameter series: References of this head to series in memory; nil is passed over.
    public func prefetch(_ series: [SeriesReference?]) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: series.count) { cells in
            var count = 0
            let distance = 16
            for case let reference? in series.prefix(distance) {
                records.prefetch(reference.number)
            }
            for index in series.indices {
                if index + distance < series.count, let ahead = series[index + distance] {
                    records.prefetch(ahead.number)
                }
                guard let number = series[index]?.number else { continue }
                let record = records[number]
                guard record.pointee.sampleCount >= record.pointee.sampleLimit,
                    record.pointee.spilled != CellArena.none
                else { continue }
                chunks.arena.prefetch(record.pointee.spilled)
                cells[count] = record.pointee.spilled
                count += 1
            }
            while count > 0 {
                var left = 0
                for index in 0..<count {
                    let next = chunks.arena.next(cells[index])
                    guard next != CellArena.none else { continue }
                    chunks.arena.prefetch(next)
                    cells[left] = next
                    left += 1
                }
                count = left
            }
        }
    }

    /// Adds a series, or returns the one there is with the same fingerprint and labels.
    ///
    /// A series without samples leaves memory with the next cut that finishes.
    ///
    /// - Parameter isValid: Whether the key was found to be canonical already.
    public mutating func createSeries(
        _ fingerprint: Fingerprint,
        key: UnsafeBufferPointer<UInt8>,
        isValid: Bool = false
    ) throws(HeadError) -> SeriesReference {
        if let known = find(fingerprint) {
            let labels = labelIndex.labels(of: records[known].pointee.serial)
            guard labels.key.elementsEqual(key) else { throw .keyMismatch(fingerprint) }
            return SeriesReference(number: known)
        }
        do throws(LabelsError) {
            if !isValid { try Labels.validate(key) }
        } catch {
            throw .invalidKey(error)
        }
        let number = freeNumbers.last ?? UInt32(clamping: records.count)
        guard number < UInt32.max else { throw .full }
        let serial = try labelIndex.add(key: key, number: number)
        if freeNumbers.popLast() == nil { records.append(SeriesRecord()) }
        var record = SeriesRecord()
        record.flags = cutParity ? [.live, .cutParity] : .live
        record.serial = serial
        record.fingerprintHigh = fingerprint.high
        record.fingerprintLow = fingerprint.low
        records[number].pointee = record
        fingerprints.insert(fingerprint, number: number)
        counts.created += 1
        if !seriesCounts.isEmpty { noteSeries(1, key: key) }
        return SeriesReference(number: number)
    }

    public func key(of series: SeriesReference) -> Labels {
        labelIndex.labels(of: records[series.number].pointee.serial)
    }

    public func fingerprint(of series: SeriesReference) -> Fingerprint {
        records[series.number].pointee.fingerprint
    }

    /// Whether a log segment has the definition of a series.
    public func isIntroduced(_ series: SeriesReference, in segment: UInt64) -> Bool {
        records[series.number].pointee.introducedSegment == SeriesRecord.mark(ofSegment: segment)
    }

    /// Notes that a log segment has the definition of a series; earlier notes are forgotten.
    public mutating func markIntroduced(_ series: SeriesReference, in segment: UInt64) {
        records[series.number].pointee.introducedSegment = SeriesRecord.mark(ofSegment: segment)
    }

    /// The oldest log segment with samples that are in memory only; nil if there are no such samples.
    ///
    /// Samples of pending cuts count as being in memory only.
    public var oldestSegmentNeeded: UInt64? {
        (cuts.compactMap(\.oldestSegment) + [windows.oldest].compactMap(\.self)).min()
    }

    /// Series in memory.
    public var seriesCount: Int { fingerprints.count }

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
        MemoryLayout<Head>.size + records.size + fingerprints.size + labelIndex.size
            + rebuild.size + freeNumbers.capacity * 4 + chunks.arena.size + counts.asideBytes
            + late.values.reduce(0) { $0 + $1.size }
            + cuts.reduce(0) { $0 + $1.series.capacity * 4 }
    }

    func find(_ fingerprint: Fingerprint) -> UInt32? {
        var probe = fingerprints.start(fingerprint)
        while let number = fingerprints.next(fingerprint, &probe) {
            if isSeries(number, fingerprint) { return number }
        }
        return nil
    }

    @inline(__always)
    func isSeries(_ number: UInt32, _ fingerprint: Fingerprint) -> Bool {
        let record = records[number]
        return record.pointee.fingerprintLow == fingerprint.low
            && record.pointee.fingerprintHigh == fingerprint.high
    }

    /// Takes a series out of memory that holds no samples.
    mutating func remove(_ number: UInt32) {
        let record = records[number]
        if !seriesCounts.isEmpty {
            labelIndex.labels(of: record.pointee.serial).key.withUnsafeBufferPointer {
                noteSeries(-1, key: $0)
            }
        }
        fingerprints.remove(record.pointee.fingerprint, number: number)
        labelIndex.remove(record.pointee.serial)
        rebuild.remove(record.pointee.serial, number: number)
        removeAside(number)
        record.dropOpenChunk(in: &chunks.arena)
        record.pointee.flags = []
        freeNumbers.append(number)
        counts.removed += 1
    }

    /// Running totals behind ``statistics``.
    struct Counts {
        var samples = 0
        /// Bytes of the samples aside.
        var asideBytes = 0
        var created: UInt64 = 0
        var removed: UInt64 = 0
    }
}

extension PagedTable where Element == SeriesRecord {
    /// Fetches a record that will be used soon.
    func prefetch(_ number: UInt32) {
        let record = UnsafeRawPointer(self[number])
        engram_prefetch(record)
        engram_prefetch(record + 64)
    }
}
