internal import HashRing
public import MetricsModel
public import RemoteWrite

/// Takes remote-write requests and stores them on a quorum of ingesters; keeps no data itself.
///
/// ``prepare(_:tenant:now:limits:)`` decodes and checks, without waiting; ``send(_:)`` replicates. What is decided
/// is decided by ``WritePreparation``, ``WritePlan`` and ``QuorumWrite``.
public final class Distributor: Sendable {
    let settings: DistributorSettings
    let quorum: Quorum
    let ring: any RingView
    let metrics: DistributionMetrics
    let known: KnownSeries
    private let relabeled: RelabelCache
    let background: BackgroundWrites
    /// Nil where pairs of senders are not looked at.
    let tracker: HATracker?
    /// Where tasks run that outlive a request; nil is wherever the process runs its tasks.
    let executor: (any TaskExecutor)?
    private let pool = WriteScratchPool()
    private let inFlight: InFlightBytes
    private let requests: InFlightRequests
    private let rates = IngestionRates()
    let discarded = DiscardLog()

    public init(
        settings: DistributorSettings,
        ring: any RingView,
        metrics: DistributionMetrics = DistributionMetrics(),
        tracker: HATracker? = nil,
        executor: (any TaskExecutor)? = nil
    ) {
        self.settings = settings
        self.ring = ring
        self.metrics = metrics
        self.tracker = tracker
        self.executor = executor
        quorum = Quorum(replicationFactor: settings.replicationFactor)
        known = KnownSeries(maximumSeries: settings.maximumKnownSeries)
        relabeled = RelabelCache(maximumSeries: settings.maximumRelabeledSeries)
        background = BackgroundWrites(limit: settings.maximumBackgroundWrites)
        inFlight = InFlightBytes(limit: settings.maximumInFlightBytes)
        requests = InFlightRequests(limit: settings.maximumInFlightRequests)
    }

    /// Says how many distributors live, this one included; rates of the whole cluster are shared among them.
    public func setDistributorCount(_ count: Int) { rates.setDistributorCount(count) }

    /// The series of a tenant of which something was refused last by this distributor, newest first.
    ///
    /// - Parameter reason: nil is any.
    public func discarded(of tenant: TenantID, reason: DiscardReason?) -> [DiscardedSeries] {
        discarded.series(of: tenant.name, reason: reason)
    }

    /// Takes a place among the requests in flight, before anything of one is read; to be given back by ``leave()``.
    public func enter() throws(PushError) {
        guard requests.enter() else {
            let error = PushError.overloaded(
                what: "requests in flight (distributor.maxInflightRequests)",
                limit: settings.maximumInFlightRequests,
                retryAfterSeconds: settings.retryAfterSeconds
            )
            metrics.count(error)
            throw error
        }
        metrics.record(inFlightRequests: requests.current)
    }

    /// Gives the place back that ``enter()`` took.
    public func leave() { requests.leave() }

    /// Stores one request body.
    ///
    /// - Parameters:
    ///   - body: A snappy block with a remote-write request.
    ///   - version: The message that is in it.
    ///   - now: Wall clock, in milliseconds since the Unix epoch.
    /// - Returns: What was written and refused; what counts as written is on a quorum of ingesters.
    public func push(
        tenant: TenantID,
        body: [UInt8],
        version: WriteVersion = .one,
        now: Int64,
        limits: WriteLimits
    ) async throws(PushError) -> PushOutcome {
        let prepared: Result<PreparedWrite, PushError> = body.withUnsafeBytes { body in
            Result { () throws(PushError) in
                try prepare(body, version: version, tenant: tenant, now: now, limits: limits)
            }
        }
        return try await send(try prepared.get())
    }

    /// Decodes and checks one request body; the body is not needed afterwards.
    public func prepare(
        _ body: UnsafeRawBufferPointer,
        version: WriteVersion = .one,
        tenant: TenantID,
        now: Int64,
        limits: WriteLimits
    ) throws(PushError) -> PreparedWrite {
        try prepare(
            body,
            version: version,
            tenant: tenant,
            now: now,
            limits: limits,
            admission: .byElection
        )
    }

    func prepare(
        _ body: UnsafeRawBufferPointer,
        version: WriteVersion,
        tenant: TenantID,
        now: Int64,
        limits: WriteLimits,
        admission: Admission
    ) throws(PushError) -> PreparedWrite {
        do throws(PushError) {
            let reservation = try reserve(for: body)
            let scratch = pool.take()
            do throws(PushError) {
                return try prepare(
                    body,
                    version: version,
                    in: scratch,
                    reservation: reservation,
                    tenant: tenant,
                    now: now,
                    limits: limits,
                    admission: admission
                )
            } catch {
                pool.give(back: scratch)
                throw error
            }
        } catch {
            metrics.count(error)
            throw error
        }
    }

    /// Ends when the replica writes that outlived their requests have ended; for a graceful stop.
    public func waitForBackgroundWrites() async { await background.waitUntilNone() }

    /// Checks the declared size, and takes a share of the bytes in flight before any memory is taken.
    private func reserve(for body: UnsafeRawBufferPointer) throws(PushError) -> BytesReservation {
        let limit = settings.requestLimits.maximumBodySize
        let size: Int
        do throws(SnappyError) {
            size = try SnappyBlock.declaredSize(of: body)
        } catch {
            throw .malformed(error.description)
        }
        guard size <= limit else {
            throw .tooLarge(SnappyError.tooLarge(declared: size, limit: limit).description)
        }
        let reservation = try reserve(body.count + size)
        metrics.record(inFlightBytes: inFlight.current)
        return reservation
    }

    private func reserve(_ count: Int) throws(PushError) -> BytesReservation {
        guard let reservation = BytesReservation(count, of: inFlight) else {
            throw .overloaded(
                what: "bytes of requests in flight",
                limit: settings.maximumInFlightBytes,
                retryAfterSeconds: settings.retryAfterSeconds
            )
        }
        return reservation
    }

    private func prepare(
        _ body: UnsafeRawBufferPointer,
        version: WriteVersion,
        in scratch: WriteScratch,
        reservation: BytesReservation,
        tenant: TenantID,
        now: Int64,
        limits: WriteLimits,
        admission: Admission
    ) throws(PushError) -> PreparedWrite {
        try decode(body, version: version, into: scratch)
        // Labels put together from symbols may be far more than the body that was accounted for.
        let keyReservation =
            version == .two ? try reserve(scratch.request.sideSize) : nil
        let seed = TenantSeed(tenant)
        let reservations = [reservation, keyReservation].compactMap(\.self)
        let salt = limits.validationSalt
        var preparation = WritePreparation(
            limits: limits,
            seed: seed,
            now: now,
            maximumLabels: settings.requestLimits.maximumLabels
        )
        let standing = try admit(
            scratch,
            body: body,
            version: version,
            tenant: tenant,
            now: now,
            admission: admission,
            to: &preparation
        )
        guard case .stored = standing else {
            return PreparedWrite(
                preparation,
                standing: standing,
                tenant: tenant,
                seed: seed,
                salt: salt,
                limits: limits,
                time: now,
                scratch: scratch,
                pool: pool,
                reservations: reservations
            )
        }
        // What was kept of a replica was no load on the tenant's rate when it came, and is small now.
        if case .byElection = admission {
            try checkRate(of: scratch, tenant: tenant, now: now, limits: limits)
        }
        preparation.fingerprint(scratch)
        let sideSize = scratch.request.sideSize
        let maximumSize = settings.requestLimits.maximumBodySize
        if let relabeling = limits.relabeling {
            try preparation.relabel(
                scratch,
                by: relabeling,
                cache: relabeled,
                maximumSize: sideSize + maximumSize
            )
        }
        var masks: [UInt64] = []
        known.masks(
            of: preparation.columns.fingerprints,
            tenant: seed,
            salt: salt,
            into: &masks
        )
        if let relabeling = limits.relabeling {
            try preparation.writeLabels(
                of: scratch,
                masks: masks,
                by: relabeling,
                maximumSize: sideSize + maximumSize
            )
        }
        let relabelReservation =
            limits.relabeling == nil ? nil : try reserve(scratch.request.sideSize - sideSize)
        do throws(WireError) {
            try preparation.run(on: scratch, masks: masks) { fingerprint in
                known.mask(of: fingerprint, tenant: seed, salt: salt)
            }
        } catch {
            throw .malformed("in the labels of a series: \(error)")
        }
        return PreparedWrite(
            preparation,
            standing: .stored,
            tenant: tenant,
            seed: seed,
            salt: salt,
            limits: limits,
            time: now,
            scratch: scratch,
            pool: pool,
            reservations: reservations + [relabelReservation].compactMap(\.self)
        )
    }

    /// Refuses a request as a whole where the tenant has sent too much.
    private func checkRate(
        of scratch: WriteScratch,
        tenant: TenantID,
        now: Int64,
        limits: WriteLimits
    ) throws(PushError) {
        guard limits.ingestionRate > 0 else { return }
        let request = scratch.request
        let count = request.timestamps.count + request.histogramCount
        guard let refusal = rates.take(count, of: tenant, now: now, limits: limits) else { return }
        metrics.countRateLimited(
            tenant,
            samples: count,
            exemplars: request.exemplarCount,
            metadata: request.metadataCount
        )
        let example = RefusalTally.Example(
            reason: .rateLimited,
            fault: refusal.description,
            series: "",
            count: count
        )
        let refused = DiscardedSeries(example, .sample, time: now, limits: limits)
        discarded.note([refused], of: tenant.name)
        throw .rateLimited(refusal)
    }

    /// Decides whose request it is, and takes the replica label off the series of one that is stored.
    private func admit(
        _ scratch: WriteScratch,
        body: UnsafeRawBufferPointer,
        version: WriteVersion,
        tenant: TenantID,
        now: Int64,
        admission: Admission,
        to preparation: inout WritePreparation
    ) throws(PushError) -> HAStanding {
        let limits = preparation.limits
        guard let labels = limits.highAvailability, let tracker,
            let claim = try scratch.claim(
                by: labels,
                tenant: tenant,
                now: now,
                maximumLabels: preparation.maximumLabels
            )
        else { return .stored }
        switch admission {
        case .replay(let time): preparation.supersededTime = time
        case .byElection:
            switch tracker.decide(claim, at: now, maximumClusters: labels.maximumClusters) {
            case .accept(let time): preparation.supersededTime = time
            case .tooManyClusters(let limit):
                throw .tooManyHAClusters(
                    cluster: ShortText.prefix(of: claim.cluster.cluster, bytes: 100),
                    limit: limit
                )
            case .settle:
                return .unsettled(
                    UnsettledWrite(
                        claim: claim,
                        body: Array(body),
                        version: version,
                        now: now,
                        limits: limits
                    )
                )
            case .deduplicate:
                keep(body, of: claim, version: version, at: now, limits: limits, by: tracker)
                return .deduplicated(claim.cluster)
            }
        }
        preparation.claim = claim
        preparation.droppedLabel = labels.replica
        scratch.request.removeLabel(named: labels.replica, from: &scratch.buffer)
        return .stored
    }

    /// Keeps what is not taken until it is certain that nobody needs it.
    private func keep(
        _ body: UnsafeRawBufferPointer,
        of claim: HAClaim,
        version: WriteVersion,
        at now: Int64,
        limits: WriteLimits,
        by tracker: HATracker
    ) {
        guard tracker.settings.maximumKeptBytes > 0, let newestSample = claim.newestSample else {
            return
        }
        let (dropped, size) = tracker.keep(
            KeptRequests.Request(
                replica: claim.replica,
                version: version,
                body: Array(body),
                newestSample: newestSample,
                receivedAt: now,
                limits: limits
            ),
            of: claim.cluster
        )
        metrics.count(haRequestsDropped: dropped)
        metrics.record(haKeptBytes: size)
    }

    private func decode(
        _ body: UnsafeRawBufferPointer,
        version: WriteVersion,
        into scratch: WriteScratch
    ) throws(PushError) {
        do throws(SnappyError) {
            try SnappyBlock.decompress(
                body,
                limit: settings.requestLimits.maximumBodySize,
                into: &scratch.buffer
            )
        } catch {
            throw .malformed(error.description)
        }
        let limits = settings.requestLimits
        do throws(WireError) {
            switch version {
            case .one:
                try WriteRequestScanner.scan(
                    scratch.buffer.bytes,
                    limits: limits,
                    into: &scratch.request
                )
            case .two:
                try SymbolRequestScanner.scan(
                    scratch.buffer.bytes,
                    limits: limits,
                    into: &scratch.request
                )
            }
        } catch {
            switch error.problem {
            case .tooManySeries, .tooManySamples, .tooManySymbols, .keysTooLarge, .bodyTooLarge:
                throw .tooLarge(error.problem.description)
            default:
                throw .malformed(error.description)
            }
        }
    }
}
