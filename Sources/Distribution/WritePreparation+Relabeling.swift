internal import MetricsModel
internal import RemoteWrite

/// Relabelling: before anything is checked, and once for a series.
extension WritePreparation {
    /// What relabelling means for a row.
    enum RowFate: UInt8, Sendable {
        /// Its label bytes are those that are stored.
        case final
        /// It is stored with other labels, which are known and not written out.
        case relabeled
        case dropped
        /// Likewise, and this was found only now.
        case newlyDropped

        var isDropped: Bool { self == .dropped || self == .newlyDropped }
    }

    /// Puts the fingerprints that rows are stored under in place of those that they were sent with.
    ///
    /// - Parameter maximumSize: Bytes of labels that may be put together.
    mutating func relabel(
        _ scratch: WriteScratch,
        by relabeling: Relabeling,
        cache: RelabelCache,
        maximumSize: Int
    ) throws(PushError) {
        let sent = columns.fingerprints
        let known = cache.fates(of: sent, tenant: seed, salt: relabeling.salt)
        var learned: [(sent: Fingerprint, fate: RelabelCache.Fate)] = []
        fates = Array(repeating: .final, count: sent.count)
        for row in sent.indices {
            switch known[row] {
            case .dropped?: fates[row] = .dropped
            case .stored(let fingerprint)?:
                guard fingerprint != sent[row] else { continue }
                columns.fingerprints[row] = fingerprint
                fates[row] = .relabeled
            case nil:
                guard
                    let (fate, isCanonical) = relabel(row, of: scratch, by: relabeling)
                else { continue }
                // Bytes that are not canonical have to be put in order before the rules can be asked: each time.
                if isCanonical { learned.append((sent[row], fate)) }
                try Self.checkSize(of: scratch, maximumSize)
            }
        }
        cache.note(learned, tenant: seed, salt: relabeling.salt)
    }

    /// Writes the labels out of those relabelled rows that are to be checked or sent with them for certain.
    mutating func writeLabels(
        of scratch: WriteScratch,
        masks: [UInt64],
        by relabeling: Relabeling,
        maximumSize: Int
    ) throws(PushError) {
        for row in fates.indices where fates[row] == .relabeled && masks[row] == 0 {
            _ = relabel(row, of: scratch, by: relabeling)
            try Self.checkSize(of: scratch, maximumSize)
        }
    }

    /// Counts a row that the tenant's own rules drop: no fault of the sender.
    mutating func drop(_ row: Int, of scratch: WriteScratch) {
        let request = scratch.request
        let count = request.sampleRange(ofRow: row).count + Int(request.rows[row].histogramCount)
        if fates[row] == .newlyDropped {
            refusals.add(quietly: .relabelConfiguration, count: count) {
                (
                    "dropped by limits.metricRelabelConfigs or limits.dropLabels",
                    Self.describe(row, of: scratch)
                )
            }
        } else {
            refusals.add(silently: .relabelConfiguration, count: count)
        }
        guard takesExemplars else { return }
        exemplarRefusals.add(
            silently: .relabelConfiguration,
            count: exemplars(ofRow: row, in: request).count
        )
    }

    /// Applies the rules to a row.
    ///
    /// - Returns: nil where its labels are none, which is found again when they are checked.
    private mutating func relabel(
        _ row: Int,
        of scratch: WriteScratch,
        by relabeling: Relabeling
    ) -> (fate: RelabelCache.Fate, isCanonical: Bool)? {
        let body = scratch.buffer.bytes
        let isCanonical: Bool
        do throws(SeriesKeyError) {
            isCanonical = try !scratch.request.canonicalise(
                row: row,
                in: body,
                maximumLabels: maximumLabels
            )
        } catch {
            return nil
        }
        let labels = scratch.request.withKey(ofRow: row, in: body, relabeling.apply)
        guard let labels else {
            fates[row] = .newlyDropped
            return (.dropped, isCanonical)
        }
        let hasChanged = scratch.request.withKey(ofRow: row, in: body) { key in
            labels.key.withUnsafeBytes { !$0.elementsEqual(key) }
        }
        if hasChanged { scratch.request.replaceKey(ofRow: row, with: labels) }
        let fingerprint = Fingerprint(seed: seed, labels: labels)
        columns.fingerprints[row] = fingerprint
        fates[row] = .final
        return (.stored(fingerprint), isCanonical)
    }

    private static func checkSize(
        of scratch: WriteScratch,
        _ maximumSize: Int
    ) throws(PushError) {
        guard scratch.request.sideSize <= maximumSize else {
            throw .tooLarge(
                "its labels have more than \(maximumSize) bytes after limits.metricRelabelConfigs"
            )
        }
    }
}

extension Relabeling {
    /// Likewise, for bytes of a request.
    fileprivate func apply(_ key: UnsafeRawBufferPointer) -> Labels? {
        key.withMemoryRebound(to: UInt8.self) { apply(to: $0) }
    }
}
