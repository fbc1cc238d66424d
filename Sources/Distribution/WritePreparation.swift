internal import MetricsModel
internal import RemoteWrite

/// Makes a checked request out of decoded rows; synchronous, no I/O.
struct WritePreparation {
    let limits: WriteLimits
    let seed: TenantSeed
    let acceptedTimestamps: ClosedRange<Int64>
    let maximumLabels: Int
    var columns = WriteColumns()
    var refusals = RefusalTally()
    /// Exemplars that are not taken; the samples beside them are.
    var exemplarRefusals = RefusalTally()
    /// Metadata entries that are not taken.
    var metadataRefusals = RefusalTally()
    /// The first histogram message of the row that comes next.
    private(set) var nextHistogram = 0
    /// The first exemplar message of the row that comes next.
    var nextExemplar = 0
    /// Whether the request has exemplars that are kept; set by ``noteExemplars(of:)``.
    var takesExemplars = false
    /// What relabelling means for each row; empty where there is none.
    var fates: [RowFate] = []
    /// Of which replica of which cluster of senders the request is; nil where it is of none.
    var claim: HAClaim?
    /// The label that tells its replicas apart, which is dropped.
    var droppedLabel: [UInt8] = []
    /// Samples up to this time are left out: they were taken from another replica; nil takes all.
    var supersededTime: Int64?
    /// How many of them there were.
    var supersededCount = 0

    init(limits: WriteLimits, seed: TenantSeed, now: Int64, maximumLabels: Int) {
        self.limits = limits
        self.seed = seed
        self.maximumLabels = maximumLabels
        acceptedTimestamps = limits.acceptedTimestamps(now: now)
    }

    /// Hashes the label bytes of all rows as they were received.
    ///
    /// A known fingerprint proves the bytes canonical and checked; everything else is looked at by ``run(on:)``.
    mutating func fingerprint(_ scratch: WriteScratch) {
        let count = scratch.request.rows.count
        let body = scratch.buffer.bytes
        let seed = seed
        columns.fingerprints = [Fingerprint](unsafeUninitializedCapacity: count) { target, used in
            for row in 0..<count {
                let fingerprint = scratch.request.withKey(ofRow: row, in: body) {
                    Fingerprint(seed: seed, key: $0)
                }
                target.initializeElement(at: row, to: fingerprint)
            }
            used = count
        }
    }

    /// Puts the rows that may be stored into the columns and tallies the others.
    ///
    /// - Parameters:
    ///   - masks: The entries of ``KnownSeries`` for ``fingerprint(_:)``'s results.
    ///   - lookUp: Asks for the entry of one more fingerprint.
    /// - Throws: ``WireError`` where the bytes of a label are none: the whole request is malformed.
    mutating func run(
        on scratch: WriteScratch,
        masks: [UInt64],
        lookUp: (Fingerprint) -> UInt64
    ) throws(WireError) {
        takeMetadata(of: scratch)
        noteExemplars(of: scratch.request)
        guard !takeAll(of: scratch, masks: masks) else { return }
        let fingerprints = columns.fingerprints
        let validation = WriteValidation(limits: limits)
        columns.fingerprints = []
        columns.fingerprints.reserveCapacity(fingerprints.count)
        for row in fingerprints.indices {
            defer {
                nextHistogram += Int(scratch.request.rows[row].histogramCount)
                if takesExemplars { passExemplars(ofRow: row, in: scratch.request) }
            }
            if !fates.isEmpty, fates[row].isDropped {
                drop(row, of: scratch)
                continue
            }
            var fingerprint = fingerprints[row]
            var mask = masks[row]
            if mask == 0 {
                do throws(SeriesKeyError) {
                    let hasChanged = try scratch.request.canonicalise(
                        row: row,
                        in: scratch.buffer.bytes,
                        maximumLabels: maximumLabels
                    )
                    if hasChanged {
                        if !droppedLabel.isEmpty {
                            // Only now is it certain where it stands.
                            scratch.request.removeLabel(
                                named: droppedLabel,
                                ofRow: row,
                                from: &scratch.buffer
                            )
                        }
                        fingerprint = scratch.request.withKey(
                            ofRow: row,
                            in: scratch.buffer.bytes
                        ) { Fingerprint(seed: seed, key: $0) }
                        mask = lookUp(fingerprint)
                    }
                } catch {
                    refuse(row, of: scratch, for: try fault(error))
                    continue
                }
            }
            if mask == 0, let fault = fault(of: row, in: scratch, by: validation) {
                refuse(row, of: scratch, for: fault)
                continue
            }
            guard !hasForbiddenMix(row, of: scratch.request) else {
                refuse(row, of: scratch, for: .samplesAndHistograms)
                continue
            }
            try take(row, of: scratch, fingerprint: fingerprint, mask: mask)
        }
        // What had starts may all have been refused.
        columns.startTimestamps.emptyIfUnknown()
    }

    /// The usual case: all series are known, and all timestamps are taken.
    private mutating func takeAll(of scratch: WriteScratch, masks: [UInt64]) -> Bool {
        let rows = scratch.request.rows
        let timestamps = scratch.request.timestamps
        guard scratch.request.histogramCount == 0,
            !takesExemplars, masks.allSatisfy({ $0 != 0 }),
            !fates.contains(where: \.isDropped)
        else { return false }
        var (earliest, latest) = (Int64.max, Int64.min)
        for timestamp in timestamps {
            earliest = min(earliest, timestamp)
            latest = max(latest, timestamp)
        }
        guard earliest >= acceptedTimestamps.lowerBound, !isSuperseded(earliest),
            latest <= acceptedTimestamps.upperBound
        else { return false }
        var previous: UInt32 = 0
        for row in rows {
            guard row.sampleEnd > previous else { return false }
            previous = row.sampleEnd
        }
        columns.masks = masks
        columns.sourceRows = Array(0..<UInt32(rows.count))
        columns.sampleEnds = rows.map(\.sampleEnd)
        // Copies: the originals are memory that is used again.
        columns.timestamps = timestamps.withUnsafeBufferPointer { Array($0) }
        columns.values = scratch.request.values.withUnsafeBufferPointer { Array($0) }
        columns.startTimestamps =
            scratch.request.startTimestamps.withUnsafeBufferPointer { Array($0) }
        return true
    }

    private func fault(_ error: SeriesKeyError) throws(WireError) -> SeriesFault {
        switch error {
        case .malformed(let error): throw error
        case .emptyName: .labelNameInvalid(name: "")
        case .duplicateName(let name):
            .duplicateLabelName(ShortText.prefix(of: name, bytes: 100))
        case .tooManyLabels:
            .tooManyLabelNames(count: nil, limit: limits.maximumLabelNamesPerSeries)
        }
    }

    private func fault(
        of row: Int,
        in scratch: WriteScratch,
        by validation: WriteValidation
    ) -> SeriesFault? {
        scratch.request.withKey(ofRow: row, in: scratch.buffer.bytes) { key in
            do throws(SeriesFault) {
                try validation.check(key)
                return nil
            } catch {
                return error
            }
        }
    }

    private mutating func refuse(_ row: Int, of scratch: WriteScratch, for fault: SeriesFault) {
        let count =
            scratch.request.sampleRange(ofRow: row).count
            + Int(scratch.request.rows[row].histogramCount)
        refusals.add(fault.reason, count: count) {
            (fault.description, Self.describe(row, of: scratch))
        }
        guard takesExemplars else { return }
        exemplarRefusals.add(fault.reason, count: exemplars(ofRow: row, in: scratch.request).count)
        {
            (fault.description, Self.describe(row, of: scratch))
        }
    }

    private mutating func take(
        _ row: Int,
        of scratch: WriteScratch,
        fingerprint: Fingerprint,
        mask: UInt64
    ) throws(WireError) {
        let before = takenCount
        for sample in scratch.request.sampleRange(ofRow: row) {
            let timestamp = scratch.request.timestamps[sample]
            guard !isSuperseded(timestamp) else {
                supersededCount += 1
                continue
            }
            guard acceptedTimestamps.contains(timestamp) else {
                refuse(timestamp, ofRow: row, in: scratch)
                continue
            }
            columns.timestamps.append(timestamp)
            columns.values.append(scratch.request.values[sample])
            if !scratch.request.startTimestamps.isEmpty {
                columns.startTimestamps.append(scratch.request.startTimestamps[sample])
            }
        }
        try takeHistograms(ofRow: row, in: scratch)
        if takesExemplars { takeExemplars(ofRow: row, in: scratch) }
        guard takenCount > before else { return }
        columns.sourceRows.append(UInt32(row))
        columns.fingerprints.append(fingerprint)
        columns.masks.append(mask)
        columns.sampleEnds.append(UInt32(columns.timestamps.count))
        if scratch.request.histogramCount > 0 {
            columns.histogramEnds.append(UInt32(columns.histograms.timestamps.count))
        }
        if takesExemplars {
            columns.exemplarEnds.append(UInt32(columns.exemplars.count))
        }
    }

    /// Whether another replica's samples were taken at a time.
    func isSuperseded(_ timestamp: Int64) -> Bool {
        guard let supersededTime else { return false }
        return timestamp <= supersededTime
    }

    /// Samples, histograms and exemplars in the columns.
    private var takenCount: Int {
        columns.timestamps.count + columns.histograms.timestamps.count + columns.exemplars.count
    }

    mutating func refuse(_ timestamp: Int64, ofRow row: Int, in scratch: WriteScratch) {
        if timestamp > acceptedTimestamps.upperBound {
            refusals.add(.tooFarInFuture, count: 1) {
                let grace = ShortText.duration(
                    milliseconds: limits.creationGracePeriodMilliseconds
                )
                return (
                    "timestamp \(timestamp) is more than \(grace) in the future "
                        + "(limits.creationGracePeriod)",
                    Self.describe(row, of: scratch)
                )
            }
        } else {
            refusals.add(.tooOldByAge, count: 1) {
                let age = ShortText.duration(
                    milliseconds: limits.maximumSampleAgeMilliseconds ?? 0
                )
                return (
                    "timestamp \(timestamp) is more than \(age) old (limits.maxSampleAge)",
                    Self.describe(row, of: scratch)
                )
            }
        }
    }

    static func describe(_ row: Int, of scratch: WriteScratch) -> String {
        scratch.request.withKey(ofRow: row, in: scratch.buffer.bytes) {
            ShortText.series($0, bytes: RefusalTally.describedLength)
        }
    }
}
