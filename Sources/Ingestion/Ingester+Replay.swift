internal import ClusterInterface
internal import CoreMetrics
internal import HeadStorage
internal import MetricsModel
internal import Synchronization
public import WriteAheadLog

extension Ingester {
    /// Keeps the writes that come until ``finishReplay(_:)`` apart from the heads; to be called before the first one.
    public func beginReplay() {
        replayGate.begin(
            HeadTable(settings: settings, limits: limits, isAside: true, now: now)
        )
    }

    /// Ends the segment with the writes that have come while the log was read, so that they can be read too.
    ///
    /// To be called after the old segments were read, and again after each part until the last, during which writes
    /// wait.
    ///
    /// - Returns: The number behind the last segment to be read, nil where nothing is to be read.
    public func endArrivals() async -> (end: UInt64?, isLast: Bool) {
        let round = replayGate.beginRound()
        guard !round.isEmpty else { return (nil, round.isLast) }
        // Only what is durable was acknowledged; where the log has failed, that is all there is.
        try? await log.waitUntilDurable(log.rotate())
        return (log.currentSegment + (log.failureReason == nil ? 0 : 1), round.isLast)
    }

    /// Does again what a record says was done; to be called for each record of the old log, in order, before the
    /// ingester takes reads, and then for those of ``endArrivals()``.
    ///
    /// Repeats the very calls of the run before, so that the heads come out the same, cuts that were under way
    /// included; these are stored by the next flush.
    public func replay(_ record: LogRecord, segment: UInt64) {
        switch record {
        case .samples(let samples):
            replay(samples, segment: segment)
        case .cutBegun(let tenant, let id, let before):
            noteCut(id)
            guard let head = heads.existing(tenant) else { return }
            head.state.withLock { state in
                guard state.head.beginCut(id: id, before: before) else { return }
                state.pendingCuts.append(id)
            }
        case .cutFinished(let tenant, let id):
            guard let head = heads.existing(tenant) else { return }
            head.state.withLock { state in
                state.head.finishCut(id, removingSeriesIdleSince: .min)
                state.pendingCuts.removeAll { $0 == id }
                state.sharedCuts[id] = nil
            }
        case .exemplars(let tenant, let exemplars):
            replay(exemplars, of: tenant, segment: segment)
        case .metadata(let tenant, let entries):
            heads.replayedHead(of: tenant)?.state.withLock { state in
                for entry in entries { _ = state.metadata.observe(entry, segment: segment) }
            }
        }
    }

    /// Takes exemplars again; those that are in blocks already will be in one more, and count once.
    private func replay(_ exemplars: [LoggedExemplar], of tenant: TenantID, segment: UInt64) {
        guard let tenant = heads.replayedHead(of: tenant) else { return }
        tenant.state.withLock { state in
            for logged in exemplars {
                _ = state.exemplars.append(
                    logged.exemplar,
                    to: Fingerprint(seed: tenant.seed, labels: logged.series),
                    labels: logged.series,
                    segment: segment
                )
            }
        }
    }

    /// Tells how the replay went; the ingester takes reads and writes from then on if its life says so.
    public func finishReplay(_ outcome: ReplayOutcome) {
        for tenant in heads.all { tenant.state.withLock { $0.replayed.forget() } }
        metrics.replayDuration.record(outcome.seconds)
        metrics.recordsDamaged.record(outcome.damagedRecords)
        metrics.recordsUnreadable.record(outcome.unreadableBlocks)
        metrics.segmentsMissing.record(outcome.missingSegments)
        replayGate.open()
    }

    /// Refuses writes, as the log cannot be read.
    public func abandonReplay(_ cause: String) { replayGate.fail(cause) }

    private func replay(_ samples: LoggedSamples, segment: UInt64) {
        // Bounded when the samples were taken; a log of more tenants than allowed now is still kept whole.
        guard let tenant = heads.replayedHead(of: samples.tenant) else { return }
        tenant.state.withLock { state in
            state.define(samples, segment: segment)
            let references = state.replayed.series(of: samples.references, in: segment)
            state.head.prefetch(references)
            for index in references.indices {
                guard let series = references[index] else { continue }
                _ = state.head.append(
                    timestamp: samples.timestamps[index],
                    value: samples.values[index],
                    to: series,
                    lateWindow: .max,
                    now: 0,
                    segment: segment
                )
            }
            for sample in samples.others {
                guard let series = state.replayed[sample.reference, in: segment] else { continue }
                state.head.replay(sample, to: series, segment: segment)
            }
        }
    }
}

/// How the replay of a log went.
public struct ReplayOutcome: Sendable, Equatable {
    public var seconds = 0.0
    public var damagedRecords = 0
    public var unreadableBlocks = 0
    public var missingSegments = 0

    public init() {}
}

extension TenantHead.State {
    /// Finds or creates the series that a record defines.
    fileprivate mutating func define(_ samples: LoggedSamples, segment: UInt64) {
        guard !samples.definitions.isEmpty else { return }
        // Each segment defines all its series: most are known from an earlier one.
        var known: [SeriesReference?] = []
        head.lookUp(samples.definitions.map(\.fingerprint), into: &known)
        samples.keys.withUnsafeBufferPointer { keys in
            for (index, definition) in samples.definitions.enumerated() {
                var series = known[index]
                if series == nil {
                    let key = UnsafeBufferPointer(rebasing: keys[definition.key])
                    // A series that the head refuses now would have been refused before it was logged. Keys were
                    // checked when the record was read, by another thread.
                    series = try? head.createSeries(
                        definition.fingerprint,
                        key: key,
                        isValid: true
                    )
                }
                replayed.define(definition.reference, series, in: segment)
            }
        }
    }
}

extension Head {
    /// Appends a sample that is no plain float, as it was appended before.
    fileprivate mutating func replay(
        _ sample: LoggedSample,
        to series: SeriesReference,
        segment: UInt64
    ) {
        switch sample.value {
        case .float(let value):
            _ = append(
                timestamp: sample.timestamp,
                value: value,
                start: sample.start,
                to: series,
                lateWindow: .max,
                now: 0,
                segment: segment
            )
        case .histogram(let histogram):
            _ = append(
                timestamp: sample.timestamp,
                histogram: histogram,
                start: sample.start,
                to: series,
                lateWindow: .max,
                now: 0,
                segment: segment
            )
        }
    }
}
