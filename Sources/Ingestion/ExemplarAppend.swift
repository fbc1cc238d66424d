internal import ClusterInterface
internal import HeadStorage
internal import MetricsModel
internal import WriteAheadLog

/// The exemplars and metadata of one batch going into a tenant's ring and table, after the batch's samples.
struct ExemplarAppend {
    let batch: WriteBatch
    let seed: TenantSeed
    /// The log's segment when they were appended.
    let segment: UInt64
    let now: Int64
    /// Rows whose series could not be made.
    private let limitedRows: [UInt32: RefusalReason]
    private(set) var exemplarsStored = 0
    private(set) var exemplarsDuplicate = 0
    /// Of metrics beyond those that the tenant may have.
    private(set) var metadataOfNewMetrics = 0
    /// Beyond those that their metric may have.
    private(set) var metadataOfFullMetrics = 0
    /// What is new, for the log.
    private var exemplars: [LoggedExemplar] = []
    private var metadata: [SeenMetadata] = []

    init(_ append: BatchAppend) {
        batch = append.batch
        seed = append.seed
        segment = append.segment
        now = append.now
        limitedRows = append.limitedRows
    }

    /// - Parameters:
    ///   - limits: Of the batch's tenant.
    ///   - settings: With what holds whatever the limits are.
    ///   - answer: What the samples came to; unknown rows and refusals are added.
    mutating func run(
        on state: inout TenantHead.State,
        limits: TenantLimits,
        share: RingShare,
        settings: IngestionSettings,
        answer: inout WriteAnswer
    ) {
        if !batch.exemplarEnds.isEmpty {
            state.exemplars.setLimit(limits.exemplars(with: share))
            let unknown = Set(answer.unknownRows)
            for row in 0..<batch.rowCount where !unknown.contains(UInt32(row)) {
                let range = batch.exemplarRange(ofRow: row)
                if !range.isEmpty { append(range, ofRow: row, to: &state, &answer) }
            }
        }
        if !batch.metadata.isEmpty {
            state.metadata.maximumMetrics = min(
                limits.metadata(with: share),
                settings.maximumMetadata
            )
            state.metadata.maximumEntriesPerMetric = min(
                limits.metadataPerMetric,
                settings.maximumMetadataPerMetric
            )
        }
        for (index, entry) in batch.metadata.enumerated() {
            let seen = SeenMetadata(entry, lastSeen: now)
            switch state.metadata.observe(seen, segment: segment) {
            case .stored: metadata.append(seen)
            case .known: break
            case .tooManyMetrics:
                metadataOfNewMetrics += 1
                refuse(metadata: index, .perTenantMetadataLimit, &answer)
            case .tooManyEntries:
                metadataOfFullMetrics += 1
                refuse(metadata: index, .perMetricMetadataLimit, &answer)
            }
        }
    }

    private mutating func append(
        _ range: Range<Int>,
        ofRow row: Int,
        to state: inout TenantHead.State,
        _ answer: inout WriteAnswer
    ) {
        if let reason = limitedRows[UInt32(row)] {
            for index in range { refuse(index, row, reason, &answer) }
            return
        }
        let fingerprint = batch.fingerprints[row]
        let labels: Labels
        if let known = state.exemplars.labels(of: fingerprint) {
            labels = known
        } else if let series = state.head.reference(of: fingerprint) {
            labels = state.head.key(of: series)
        } else if batch.keyRange(ofRow: row).isEmpty {
            answer.unknownRows.append(UInt32(row))
            return
        } else if let sent = sentLabels(ofRow: row) {
            labels = sent
        } else {
            for index in range { refuse(index, row, .invalidSeriesKey, &answer) }
            return
        }
        for index in range {
            let exemplar = batch.exemplars[index]
            guard exemplar.timestamp >= state.schedule.cutBefore else {
                refuse(index, row, .exemplarTooOld, &answer)
                continue
            }
            let outcome = state.exemplars.append(
                exemplar,
                to: fingerprint,
                labels: labels,
                segment: segment
            )
            switch outcome {
            case .stored:
                exemplarsStored += 1
                exemplars.append(LoggedExemplar(series: labels, exemplar: exemplar))
            case .duplicate: exemplarsDuplicate += 1
            case .outOfOrder: refuse(index, row, .exemplarOutOfOrder, &answer)
            case .disabled: refuse(index, row, .exemplarsDisabled, &answer)
            }
        }
    }

    /// The labels that a row came with; nil where they are none, or others than its fingerprint names.
    private func sentLabels(ofRow row: Int) -> Labels? {
        let key = Array(batch.keys[batch.keyRange(ofRow: row)])
        guard let labels = try? Labels(validating: key),
            Fingerprint(seed: seed, labels: labels) == batch.fingerprints[row]
        else { return nil }
        return labels
    }

    private func refuse(
        _ exemplar: Int,
        _ row: Int,
        _ reason: RefusalReason,
        _ answer: inout WriteAnswer
    ) {
        let sample = batch.sampleCount + exemplar
        answer.refusals.append(
            WriteAnswer.Refusal(row: UInt32(row), sample: UInt32(sample), reason: reason)
        )
    }

    private func refuse(
        metadata entry: Int,
        _ reason: RefusalReason,
        _ answer: inout WriteAnswer
    ) {
        let number = batch.sampleCount + batch.exemplars.count + entry
        answer.refusals.append(
            WriteAnswer.Refusal(
                row: WriteAnswer.Refusal.noRow,
                sample: UInt32(number),
                reason: reason
            )
        )
    }

    /// The log records of what is new; where something was there before, one without content, so that an answer
    /// waits for the first copy's record.
    var records: [[UInt8]] {
        var records: [[UInt8]] = []
        if exemplarsStored + exemplarsDuplicate > 0 {
            records.append(LogRecordEncoder.exemplars(exemplars, tenant: batch.tenant))
        }
        if batch.metadata.count > metadataOfNewMetrics + metadataOfFullMetrics {
            records.append(LogRecordEncoder.metadata(metadata, tenant: batch.tenant))
        }
        return records
    }
}
