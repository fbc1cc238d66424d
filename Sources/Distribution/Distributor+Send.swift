internal import ClusterInterface
internal import HashRing
internal import MetricsModel

extension Distributor {
    /// Replicates a prepared request, and answers as soon as its outcome is certain.
    public func send(_ write: PreparedWrite) async throws(PushError) -> PushOutcome {
        switch write.standing {
        case .stored: break
        case .deduplicated(let cluster):
            metrics.count(deduplicated: write, of: cluster)
            return .deduplicated
        case .unsettled(let unsettled): return try await sendSettled(unsettled)
        }
        do throws(PushError) {
            let outcome = try await replicate(write)
            if let claim = write.claim { tracker?.noteStored(claim) }
            metrics.count(outcome, of: write)
            return outcome
        } catch {
            metrics.count(error, of: write)
            throw error
        }
    }

    func replicate(_ write: PreparedWrite) async throws(PushError) -> PushOutcome {
        guard write.rowCount > 0 || !write.metadata.isEmpty else {
            return makeOutcome(of: write, refused: [])
        }
        let destinations = ring.current(for: write.tenant)
        let plan: WritePlan
        do throws(PlanError) {
            plan = try WritePlan(write, to: destinations, quorum: quorum)
        } catch {
            throw unavailable(
                accepted: 0,
                required: error.required,
                cause: error.domains < error.healthy
                    ? "the healthy ingesters are in \(error.domains) zones only"
                    : "\(error.healthy) healthy ingesters are "
                        + (destinations.ring.isPart
                            ? "in the tenant's shard of \(destinations.ring.members.count) "
                                + "(limits.ingestionTenantShardSize)" : "on the ring")
            )
        }
        let progress = WriteProgress(
            quorum: QuorumWrite(groups: plan.groups, domains: plan.domains),
            targetCount: plan.targets.count,
            background: background
        )
        if plan.targets.count == 1 {
            await deliver(0, of: plan, write, to: destinations, progress: progress)
        } else {
            for target in plan.targets.indices {
                // Not structured: a slow replica's write outlives its request, within the bound of
                // background writes, and a sender that hangs up must not undo half a quorum.
                Task(executorPreference: executor) {
                    await self.deliver(
                        target,
                        of: plan,
                        write,
                        to: destinations,
                        progress: progress
                    )
                }
            }
            await progress.waitForOutcome()
        }
        let (outcome, cause) = progress.result
        switch outcome {
        case .acknowledged(let refused):
            return makeOutcome(of: write, refused: refused)
        case .failed(let accepted, let required):
            throw unavailable(accepted: accepted, required: required, cause: cause)
        case .waiting:
            preconditionFailure("all \(plan.targets.count) replicas answered, nothing is decided")
        }
    }

    /// Sends one batch, again with labels what the ingester does not know, and records the answer.
    private func deliver(
        _ index: Int,
        of plan: WritePlan,
        _ write: PreparedWrite,
        to destinations: WriteTargets,
        progress: WriteProgress
    ) async {
        let target = plan.targets[index]
        do {
            let client = destinations.clients[target.member]
            let answer = try await client.write(target.batch)
            var refused = try plan.refusals(in: answer, to: target, of: write)
            var introduced = target.rowsWithKey.map {
                write.fingerprints[target.requestRow(Int($0))]
            }
            if !answer.unknownRows.isEmpty {
                let resent = target.resend(answer.unknownRows, of: write)
                metrics.count(resentSeries: answer.unknownRows.count)
                let second = try await client.write(resent.batch)
                guard second.unknownRows.isEmpty else { throw AnswerError.stillUnknown }
                refused += try plan.refusals(in: second, to: resent, of: write)
                introduced += resent.batch.fingerprints
            }
            if !introduced.isEmpty {
                known.note(
                    introduced,
                    sentTo: destinations.slots[target.member],
                    tenant: write.seed,
                    salt: write.salt
                )
            }
            metrics.countReplicaWrite(isStored: true)
            progress.record(.stored(refused: refused), from: index)
        } catch {
            metrics.countReplicaWrite(isStored: false)
            let instance = destinations.ring.members[target.member].instance
            progress.record(.failed, from: index, cause: "\(instance): \(error)")
        }
    }

    private func makeOutcome(
        of write: PreparedWrite,
        refused: [QuorumWrite.RefusedSample]
    ) -> PushOutcome {
        var tally = write.refusals
        var exemplars = write.exemplarRefusals
        var refusedCounts: [PreparedWrite.SampleKind: Int] = [:]
        var metadata = write.metadataRefusals
        for sample in refused {
            let (kind, index) = write.place(ofSample: sample.sample)
            refusedCounts[kind, default: 0] += 1
            switch kind {
            case .float, .histogram:
                tally.add(sample.reason, count: 1) { Self.describe(sample, of: write) }
            case .exemplar where sample.reason == .exemplarsDisabled:
                exemplars.add(silently: sample.reason, count: 1)
            case .exemplar:
                exemplars.add(sample.reason, count: 1) {
                    let (fault, series) = Self.describe(sample, of: write)
                    return ("exemplar with \(fault)", series)
                }
            case .metadata:
                metadata.add(sample.reason, count: 1) {
                    (write.fault(of: sample), write.metadata[index].name)
                }
            }
        }
        note(tally, exemplars, metadata, of: write)
        var outcome = PushOutcome()
        outcome.samplesWritten = write.timestamps.count - refusedCounts[.float, default: 0]
        outcome.histogramsWritten =
            write.histograms.timestamps.count - refusedCounts[.histogram, default: 0]
        outcome.exemplarsWritten = write.exemplars.count - refusedCounts[.exemplar, default: 0]
        outcome.metadataWritten = write.metadata.count - refusedCounts[.metadata, default: 0]
        outcome.refused = tally.counts
        outcome.exemplarsRefused = exemplars.counts
        outcome.metadataRefused = metadata.counts
        outcome.message = tally.message(received: write.received)
        outcome.note =
            exemplars.message(received: write.exemplarCount)
            ?? metadata.message(received: write.metadataCount)
        return outcome
    }

    /// Keeps some of what was refused, for tenants to look it up.
    private func note(
        _ samples: RefusalTally,
        _ exemplars: RefusalTally,
        _ metadata: RefusalTally,
        of write: PreparedWrite
    ) {
        let tallies: [(DiscardedSeries.Kind, RefusalTally)] = [
            (.metadata, metadata), (.exemplar, exemplars), (.sample, samples),
        ]
        let found = tallies.flatMap { kind, tally in
            tally.examples.map {
                DiscardedSeries($0, kind, time: write.time, limits: write.limits)
            }
        }
        guard !found.isEmpty else { return }
        discarded.note(found, of: write.tenant.name)
    }

    private static func describe(
        _ sample: QuorumWrite.RefusedSample,
        of write: PreparedWrite
    ) -> (fault: String, series: String) {
        let series = write.withKey(ofRow: write.row(ofSample: sample.sample)) {
            ShortText.series($0, bytes: RefusalTally.describedLength)
        }
        return (write.fault(of: sample), series)
    }

    private func unavailable(accepted: Int, required: Int, cause: String) -> PushError {
        .unavailable(
            accepted: accepted,
            required: required,
            cause: cause,
            retryAfterSeconds: settings.retryAfterSeconds
        )
    }
}

/// What an ingester must not answer; it then counts as not having stored anything.
enum AnswerError: Error, Equatable, CustomStringConvertible {
    /// A row or sample that was not in the batch.
    case outOfRange
    /// Rows that came with their labels are said to be unknown.
    case stillUnknown

    var description: String {
        switch self {
        case .outOfRange: "answer names samples that were not sent"
        case .stillUnknown: "series are still unknown after their labels were sent"
        }
    }
}

extension WritePlan {
    /// The refusals of an answer by their place in the request, after checking that they have one.
    fileprivate func refusals(
        in answer: WriteAnswer,
        to target: Target,
        of write: PreparedWrite
    ) throws(AnswerError) -> [QuorumWrite.RefusedSample] {
        guard answer.unknownRows.allSatisfy({ Int($0) < target.batch.rowCount }),
            // Each row once: a longer answer would make a larger resend than what was sent.
            answer.unknownRows.count <= target.batch.rowCount
        else { throw .outOfRange }
        var refused: [QuorumWrite.RefusedSample] = []
        refused.reserveCapacity(answer.refusals.count)
        for refusal in answer.refusals {
            guard refusal.row != WriteAnswer.Refusal.noRow else {
                refused.append(try refusedMetadata(refusal, of: target, write))
                continue
            }
            guard Int(refusal.row) < target.batch.rowCount else { throw .outOfRange }
            guard let sample = target.requestSample(refusal, of: write) else {
                throw .outOfRange
            }
            let row = target.requestRow(Int(refusal.row))
            refused.append(
                QuorumWrite.RefusedSample(
                    sample: sample,
                    group: group(ofRow: row),
                    reason: DiscardReason(refusal.reason)
                )
            )
        }
        return refused
    }

    private func refusedMetadata(
        _ refusal: WriteAnswer.Refusal,
        of target: Target,
        _ write: PreparedWrite
    ) throws(AnswerError) -> QuorumWrite.RefusedSample {
        let batch = target.batch
        let entry = Int(refusal.sample) - batch.sampleCount - batch.exemplars.count
        guard batch.metadata.indices.contains(entry) else { throw .outOfRange }
        let number = target.requestMetadata(entry)
        return QuorumWrite.RefusedSample(
            sample: write.number(ofMetadata: number),
            group: group(ofMetadata: number),
            reason: DiscardReason(refusal.reason)
        )
    }
}

extension WritePlan.Target {
    /// The number in the request of a sample of the batch; nil if it is not in the row that is named.
    fileprivate func requestSample(
        _ refusal: WriteAnswer.Refusal,
        of write: PreparedWrite
    ) -> Int? {
        let row = requestRow(Int(refusal.row))
        let samples = batch.sampleRange(ofRow: Int(refusal.row))
        if samples.contains(Int(refusal.sample)) {
            let first = write.sampleRange(ofRow: row).lowerBound
            return first + Int(refusal.sample) - samples.lowerBound
        }
        let histogram = Int(refusal.sample) - batch.timestamps.count
        let histograms = batch.histogramRange(ofRow: Int(refusal.row))
        if histograms.contains(histogram) {
            let first = write.histogramRange(ofRow: row).lowerBound
            return write.timestamps.count + first + histogram - histograms.lowerBound
        }
        let exemplar = histogram - batch.histograms.timestamps.count
        let exemplars = batch.exemplarRange(ofRow: Int(refusal.row))
        guard exemplars.contains(exemplar) else { return nil }
        let first = write.exemplarRange(ofRow: row).lowerBound
        return write.timestamps.count + write.histograms.timestamps.count + first + exemplar
            - exemplars.lowerBound
    }
}

extension PreparedWrite {
    /// Why ingesters refused a sample, in words.
    fileprivate func fault(of refused: QuorumWrite.RefusedSample) -> String {
        guard let timestamp = timestamp(ofSample: refused.sample) else {
            return limits.metadataFault(refused.reason)
        }
        let window = ShortText.duration(milliseconds: limits.lateWindowMilliseconds)
        switch refused.reason {
        case .outOfOrder:
            return
                "timestamp \(timestamp) is out of order, which the late window of \(window) does "
                + "not allow (limits.lateWindow)"
        case .tooOld:
            return "timestamp \(timestamp) is out of order and older than the late window of "
                + "\(window) (limits.lateWindow)"
        case .newValueForTimestamp:
            return "timestamp \(timestamp) has another value already, which stays"
        case .perTenantSeriesLimit:
            return
                "series is new, and the tenant has as many as it may "
                + "(\(limits.limits(of: refused.reason)))"
        case .perMetricSeriesLimit:
            return
                "series is new, and its metric has as many as it may "
                + "(\(limits.limits(of: refused.reason)))"
        case .perLabelSetSeriesLimit:
            return
                "series is new, and there are as many as may be with the labels of a set that it "
                + "belongs to (\(limits.limits(of: refused.reason)))"
        default: return "timestamp \(timestamp) is refused"
        }
    }

    /// The row whose samples include this one.
    fileprivate func row(ofSample sample: Int) -> Int {
        let (kind, sample) = place(ofSample: sample)
        let ends =
            switch kind {
            case .float: sampleEnds
            case .histogram: histogramEnds
            case .exemplar: exemplarEnds
            case .metadata: preconditionFailure("metadata has no row")
            }
        var low = 0
        var high = rowCount
        while low < high {
            let middle = (low + high) / 2
            if Int(ends[middle]) > sample { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
